// Makes and updates the database of the read side with the administrator's rights. It never touches the rows of a build.
import { type Kysely, sql } from 'kysely';
import { withDatabase } from './connect.js';
import { buildMigrations, controlMigrations, migrate } from './migrations/migrate.js';
import { buildSchema, CONTROL, PROJECTION, PROJECTION_VERSION } from './names.js';
import { ensureRoles, preparing, type ReadSideCredentials, type ReadSideUrls, roleUrls } from './roles.js';

/** One build of the read model, as its checkpoint row names it. */
export type Build = { readonly version: number; readonly build: number; readonly schema: string };

type Known = Build & { readonly state: 'building' | 'live' | 'retired' };

const buildsOf = async (db: Kysely<unknown>): Promise<readonly Known[]> => {
  const { rows } = await sql<Known>`select version, build, schema, state from writ_projection.checkpoints
    where name = ${PROJECTION} order by version, build`.execute(db);
  return rows;
};

const ensureSchema = (db: Kysely<unknown>, schema: string) =>
  sql`create schema if not exists ${sql.id(schema)}`.execute(db);

const addBuild = async (db: Kysely<unknown>, version: number, build: number): Promise<Build> => {
  const schema = buildSchema(version, build);
  await ensureSchema(db, schema);
  await migrate(db, schema, buildMigrations(schema));
  await sql`insert into writ_projection.checkpoints (name, version, build, schema, state)
    values (${PROJECTION}, ${version}, ${build}, ${schema}, 'building')`.execute(db);
  return { version, build, schema };
};

const ensureBuild = async (db: Kysely<unknown>, version: number): Promise<void> => {
  const builds = await buildsOf(db);
  const mine = builds.filter((b) => b.version === version && b.state !== 'retired');
  for (const { schema } of mine) await migrate(db, schema, buildMigrations(schema));
  if (mine.length === 0) {
    const last = builds.filter((b) => b.version === version).at(-1)?.build ?? 0;
    await addBuild(db, version, last + 1);
  }
  const live = (await buildsOf(db)).find((b) => b.state === 'live');
  if (live?.version === version) await sql`select writ_projection.expose(${live.schema})`.execute(db);
  if (live !== undefined) return;
  await sql`select writ_projection.promote(${PROJECTION}, version, build) from writ_projection.checkpoints
    where name = ${PROJECTION} and version = ${version} and state = 'building'`.execute(db);
};

// Everything in one session that holds the lock, so that two at once wait for each other.
const exclusively = <R>(adminUrl: string, work: (db: Kysely<unknown>) => Promise<R>): Promise<R> =>
  withDatabase(adminUrl, (holder) =>
    holder.transaction().execute(async (lock) => {
      await preparing.execute(lock);
      return withDatabase(adminUrl, work);
    }),
  );

/**
 * Makes or updates roles, control schema and the build of `version` in the database of `adminUrl`; doing it again changes
 * nothing, and two at once wait for each other. The first build is shown at once, empty; a newer version is built beside the
 * live one and shown by its projector when it has caught up. Returns the addresses of both roles. PostgreSQL >= 15.
 */
export const prepareDatabase = (
  adminUrl: string,
  options: { readonly credentials: ReadSideCredentials; readonly version?: number },
): Promise<ReadSideUrls> =>
  exclusively(adminUrl, async (db) => {
    await ensureRoles(db, options.credentials);
    await ensureSchema(db, CONTROL);
    await migrate(db, CONTROL, controlMigrations);
    await ensureBuild(db, options.version ?? PROJECTION_VERSION);
    return roleUrls(adminUrl, options.credentials);
  });

/** Makes one more, empty build of `version` beside those that exist: what a rebuild fills. */
export const prepareBuild = (adminUrl: string, version: number = PROJECTION_VERSION): Promise<Build> =>
  exclusively(adminUrl, async (db) => {
    const last = (await buildsOf(db)).filter((b) => b.version === version).at(-1)?.build ?? 0;
    return addBuild(db, version, last + 1);
  });

/** Drops the tables of builds that are shown no longer; their checkpoint rows stay, so that no number is used twice. */
export const dropRetired = (adminUrl: string): Promise<readonly string[]> =>
  exclusively(adminUrl, async (db) => {
    const retired = (await buildsOf(db)).filter((b) => b.state === 'retired').map((b) => b.schema);
    for (const schema of retired) await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(db);
    return retired;
  });

/**
 * Takes every build out of use: the next `prepareDatabase` shows a new, empty one, and a projector fills it from the first message.
 * For a ledger that is not the one that was projected any more. The rows stay until `dropRetired`; readers see an empty model meanwhile.
 */
export const retireBuilds = (adminUrl: string): Promise<void> =>
  exclusively(adminUrl, async (db) => {
    await sql`update writ_projection.checkpoints set state = 'retired' where name = ${PROJECTION}`.execute(
      db,
    );
  });
