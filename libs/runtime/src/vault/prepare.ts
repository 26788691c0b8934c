// Owns the schema and the roles of the vault. The writer can only add, the reader only read, the eraser only destroy.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RuntimeFault } from '../faults.js';
import { withClient } from '../postgres/connect.js';
import { readPrivateFile, writePrivateFile } from '../private-file.js';

/** Addresses for the three roles, with their passwords in them. */
export type VaultUrls = Readonly<Record<VaultRole, string>>;

/** `writer` inserts, `reader` selects, `eraser` deletes (and adds the reasons it was given): it can
 * tell rows apart and reads neither boxes nor keys. */
export type VaultRole = 'writer' | 'reader' | 'eraser';

type Credentials = Readonly<Record<VaultRole, string>>;

const ROLES = {
  writer: 'writ_vault_writer',
  reader: 'writ_vault_reader',
  eraser: 'writ_vault_eraser',
} as const satisfies Record<VaultRole, string>;
const EVERYBODY = Object.values(ROLES).join(', ');

// The eraser locks keys before it deletes them, for which Postgres wants a right to update: it has it on `created_at` alone.
// A data key per writing process, agent, month and data subject. An entry's key outlives the entry: a key goes last, or not at all.
const DDL = `
create schema if not exists vault;
create table if not exists vault.data_key (
  id uuid primary key,
  agent text not null,
  month text not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
  kek_id text not null,
  wrapped bytea not null,
  created_at timestamptz not null default now()
);
alter table vault.data_key add column if not exists subject text;
create index if not exists data_key_agent_month on vault.data_key (agent, month);
create index if not exists data_key_subject on vault.data_key (subject) where subject is not null;
create table if not exists vault.entry (
  digest text primary key,
  key_id uuid not null,
  agent text not null,
  month text not null,
  box bytea not null
);
alter table vault.entry add column if not exists subject text, add column if not exists intent text,
  add column if not exists retention_class text, add column if not exists erase_after timestamptz;
create index if not exists entry_key on vault.entry (key_id);
create index if not exists entry_agent_month on vault.entry (agent, month);
create index if not exists entry_subject on vault.entry (subject) where subject is not null;
create index if not exists entry_intent on vault.entry (intent) where intent is not null;
create index if not exists entry_due on vault.entry (erase_after) where erase_after is not null;
do $$ begin
  if not exists (select 1 from pg_constraint where conname = 'entry_has_its_key' and conrelid = 'vault.entry'::regclass) then
    alter table vault.entry add constraint entry_has_its_key foreign key (key_id) references vault.data_key (id);
  end if;
end $$;
create table if not exists vault.erasure (
  order_id text primary key,
  keys bigint not null,
  disclosures bigint not null,
  digest text not null,
  erased_at timestamptz not null default now()
);
create table if not exists vault.erased (digest text primary key, order_id text not null);
create index if not exists erased_order on vault.erased (order_id);
create table if not exists vault.secret (name text primary key, kek_id text not null, wrapped bytea not null);
revoke all on schema vault from public;
revoke all on all tables in schema vault from public, ${EVERYBODY};
grant usage on schema vault to ${EVERYBODY};
grant insert on vault.data_key, vault.entry, vault.secret to ${ROLES.writer};
grant select (digest) on vault.erased to ${ROLES.writer};
grant select on all tables in schema vault to ${ROLES.reader};
grant insert, delete on vault.data_key, vault.entry to ${ROLES.eraser};
grant select (id, agent, month, subject), update (created_at) on vault.data_key to ${ROLES.eraser};
grant select (digest, key_id, agent, month, subject, intent, retention_class, erase_after) on vault.entry to ${ROLES.eraser};
grant select, insert on vault.erasure, vault.erased, vault.secret to ${ROLES.eraser};
`;

/**
 * Makes schema `vault` and its roles in the database of `adminUrl`; doing it again changes nothing. The roles' passwords are
 * random, kept in `credentialsFile` and, the eraser's, in `vault-eraser.json` beside it (mode 0600, made when missing). Two at once
 * wait for each other. PostgreSQL >= 15.
 */
export async function prepareVault(adminUrl: string, credentialsFile: string): Promise<VaultUrls> {
  const credentials = { ...usersOf(credentialsFile), ...eraserOf(eraserFileBeside(credentialsFile)) };
  await withClient(adminUrl, async (client) => {
    await client.query('begin');
    await client.query("select pg_advisory_xact_lock(hashtext('writ.vault.prepare'))");
    for (const role of Object.keys(ROLES) as VaultRole[]) {
      const found = await client.query('select 1 from pg_roles where rolname = $1', [ROLES[role]]);
      const verb = found.rowCount === 0 ? 'create' : 'alter';
      const password = client.escapeLiteral(credentials[role]);
      await client.query(
        `${verb} role ${ROLES[role]} login noinherit nocreatedb nocreaterole password ${password}`,
      );
    }
    await client.query(DDL);
    await client.query('commit');
  });
  const url = (role: VaultRole) => vaultRoleUrl(adminUrl, role, credentials[role]);
  return { writer: url('writer'), reader: url('reader'), eraser: url('eraser') };
}

/** Where the eraser's password is kept: apart from the others', so that only the registry needs it. */
export function eraserFileBeside(credentialsFile: string): string {
  return join(dirname(credentialsFile), 'vault-eraser.json');
}

/** The address of a database as one of the vault's roles. */
export function vaultRoleUrl(base: string, role: VaultRole, password: string): string {
  const url = new URL(base);
  url.username = ROLES[role];
  url.password = password;
  return url.toString();
}

/** The writer's and the reader's password; made when the file is missing. WRIT-KEY-104 when it holds something else. */
export const usersOf = (path: string): Pick<Credentials, 'writer' | 'reader'> =>
  passwords(path, ['writer', 'reader']);

/** The eraser's password, likewise. */
export const eraserOf = (path: string): Pick<Credentials, 'eraser'> => passwords(path, ['eraser']);

function passwords<R extends VaultRole>(path: string, roles: readonly R[]): Record<R, string> {
  if (!existsSync(path))
    writePrivateFile(path, JSON.stringify(Object.fromEntries(roles.map((role) => [role, secret()]))));
  try {
    const held = JSON.parse(readPrivateFile(path)) as Partial<Record<R, unknown>>;
    if (roles.every((role) => typeof held[role] === 'string')) return held as Record<R, string>;
  } catch (error) {
    if (error instanceof RuntimeFault) throw error;
  }
  throw new RuntimeFault('WRIT-KEY-104', path);
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}
