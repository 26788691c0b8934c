// Owns the schema and the two roles of the sealer's state: one that writes it, one that only reads it (for proofs).
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HomePaths } from '../home.js';
import { withClient } from '../postgres/connect.js';
import { readPrivateFile, writePrivateFile } from '../private-file.js';

/** The two roles: `writer` is the sealer's own, `reader` may read and nothing else. */
export type SealRole = 'writer' | 'reader';

const ROLES: { readonly [R in SealRole]: string } = { writer: 'writ_sealer', reader: 'writ_sealer_reader' };

// A head is kept as it was at earlier checkpoints too (`since` up to, not including, `until`), so that the heads of a checkpoint that
// witnesses have signed can still be shown when the ledger has gone on.
const DDL = `
create schema if not exists sealer;
create table if not exists sealer.state (
  one boolean primary key default true check (one),
  origin text not null,
  size bigint not null check (size > 0),
  hashes bytea not null,
  heads_root bytea not null check (length(heads_root) = 32),
  time text not null,
  subject text not null
);
create table if not exists sealer.tile (
  level smallint not null,
  index bigint not null,
  hashes bytea not null check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0),
  primary key (level, index)
);
alter table sealer.tile alter column hashes set storage external;
create table if not exists sealer.head (
  kind text not null check (kind in ('subject', 'rest', 'agent')),
  name text not null,
  subject text not null,
  count bigint not null,
  last_seq bigint not null,
  head text not null,
  since bigint not null,
  until bigint,
  primary key (kind, name, subject, since)
);
create unique index if not exists head_current on sealer.head (kind, name, subject) where until is null;
create index if not exists head_until on sealer.head (until) where until is not null;
create table if not exists sealer.checkpoint (
  size bigint primary key,
  note text not null,
  cosigned text
);
revoke all on schema sealer from public;
revoke all on all tables in schema sealer from public, ${ROLES.writer}, ${ROLES.reader};
grant usage on schema sealer to ${ROLES.writer}, ${ROLES.reader};
grant select, insert, update on all tables in schema sealer to ${ROLES.writer};
grant delete on sealer.head to ${ROLES.writer};
grant truncate on sealer.state, sealer.tile, sealer.head to ${ROLES.writer};
grant select on all tables in schema sealer to ${ROLES.reader};
`;

/** Where the passwords of the two roles stand, mode 0600, each in a file of its own. */
export const sealPasswordFiles = ({
  keysDir,
}: Pick<HomePaths, 'keysDir'>): { readonly [R in SealRole]: string } => ({
  writer: join(keysDir, 'sealer-database.password'),
  reader: join(keysDir, 'sealer-reader.password'),
});

const passwordIn = (file: string): string => {
  if (!existsSync(file)) writePrivateFile(file, randomBytes(24).toString('base64url'));
  return readPrivateFile(file);
};

/** The address of a role in the database of `url`. Throws WRIT-KEY-101 or -102 for its password file. */
export const sealUrl = (url: string, role: SealRole, passwordFile: string): string => {
  const address = new URL(url);
  address.username = ROLES[role];
  address.password = readPrivateFile(passwordFile);
  return address.toString();
};

/**
 * Makes schema `sealer` and both roles in the database of `adminUrl`; doing it again changes nothing. The passwords are random, made
 * when their files are missing. Two at once wait for each other. PostgreSQL >= 15.
 */
export const prepareSeals = async (adminUrl: string, paths: Pick<HomePaths, 'keysDir'>): Promise<void> => {
  const files = sealPasswordFiles(paths);
  await withClient(adminUrl, async (client) => {
    await client.query('begin');
    await client.query("select pg_advisory_xact_lock(hashtext('writ.sealer.prepare'))");
    for (const role of ['writer', 'reader'] as const) {
      const found = await client.query('select 1 from pg_roles where rolname = $1', [ROLES[role]]);
      const verb = found.rowCount === 0 ? 'create' : 'alter';
      const password = client.escapeLiteral(passwordIn(files[role]));
      await client.query(
        `${verb} role ${ROLES[role]} login noinherit nocreatedb nocreaterole password ${password}`,
      );
    }
    await client.query(DDL);
    await client.query('commit');
  });
};
