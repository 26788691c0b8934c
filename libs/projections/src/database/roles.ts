// Owns the two Postgres roles: the projector writes rows and moves the checkpoint, the query role reads views. No third right.
import { type Kysely, sql } from 'kysely';
import { CONTROL, Roles } from './names.js';

/** The passwords of both roles. They are set anew each time, so that a changed file takes effect. */
export type ReadSideCredentials = { readonly projector: string; readonly query: string };

/** Addresses for the two roles. They hold passwords: never log them. */
export type ReadSideUrls = ReadSideCredentials;

const QUERY_SETTINGS = ['default_transaction_read_only = on', "statement_timeout = '15s'"];

const ensureRole = async (db: Kysely<unknown>, role: string, password: string): Promise<void> => {
  const found = await sql`select 1 from pg_roles where rolname = ${role}`.execute(db);
  // Attributes are the default's; to name them again an owner would need them itself.
  const verb = found.rows.length === 0 ? 'create' : 'alter';
  await sql`${sql.raw(verb)} role ${sql.id(role)} login noinherit password ${sql.lit(password)}`.execute(db);
};

/** Makes or refreshes both roles. Cluster-wide: two databases of one server share them. */
export const ensureRoles = async (db: Kysely<unknown>, credentials: ReadSideCredentials): Promise<void> => {
  await ensureRole(db, Roles.projector, credentials.projector);
  await ensureRole(db, Roles.query, credentials.query);
  for (const setting of QUERY_SETTINGS) {
    await sql.raw(`alter role ${Roles.query} set ${setting}`).execute(db);
  }
};

const addressOf = (base: string, role: string, password: string): string => {
  const url = new URL(base);
  url.username = role;
  url.password = password;
  return url.toString();
};

/** The addresses of both roles in the database of `url`, whose own user and password count for nothing. */
export const roleUrls = (url: string, credentials: ReadSideCredentials): ReadSideUrls => ({
  projector: addressOf(url, Roles.projector, credentials.projector),
  query: addressOf(url, Roles.query, credentials.query),
});

/** The advisory lock that whoever changes the database of the read side holds, for one transaction. */
export const preparing = sql`select pg_advisory_xact_lock(hashtext(${`${CONTROL}.prepare`}))`;
