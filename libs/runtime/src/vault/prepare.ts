// Owns the schema and the roles of the vault. The writer can only add, the reader can only read; nobody here can erase.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { RuntimeFault } from '../faults.js';
import { withClient } from '../postgres/connect.js';
import { readPrivateFile, writePrivateFile } from '../private-file.js';

/** Addresses for the two roles: `writer` may insert only, `reader` may select only. They hold passwords. */
export type VaultUrls = { readonly writer: string; readonly reader: string };

type Credentials = { readonly writer: string; readonly reader: string };

const ROLES = { writer: 'writ_vault_writer', reader: 'writ_vault_reader' } as const;

// One data key per writing process, agent and month; erasing an agent's month is erasing its keys.
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
create index if not exists data_key_agent_month on vault.data_key (agent, month);
create table if not exists vault.entry (
  digest text primary key,
  key_id uuid not null,
  agent text not null,
  month text not null,
  box bytea not null
);
create index if not exists entry_key on vault.entry (key_id);
revoke all on schema vault from public;
revoke all on all tables in schema vault from public, ${ROLES.writer}, ${ROLES.reader};
grant usage on schema vault to ${ROLES.writer}, ${ROLES.reader};
grant insert on vault.data_key, vault.entry to ${ROLES.writer};
grant select on vault.data_key, vault.entry to ${ROLES.reader};
`;

/**
 * Makes schema `vault` and both roles in the database of `adminUrl`; doing it again changes nothing. The roles' passwords are
 * random, kept in `credentialsFile` (mode 0600, made when missing). Two at once wait for each other. PostgreSQL >= 15.
 */
export async function prepareVault(adminUrl: string, credentialsFile: string): Promise<VaultUrls> {
  const credentials = credentialsFrom(credentialsFile);
  await withClient(adminUrl, async (client) => {
    await client.query('begin');
    await client.query("select pg_advisory_xact_lock(hashtext('writ.vault.prepare'))");
    for (const role of ['writer', 'reader'] as const) {
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
  return { writer: asRole(adminUrl, 'writer', credentials), reader: asRole(adminUrl, 'reader', credentials) };
}

function asRole(adminUrl: string, role: keyof Credentials, credentials: Credentials): string {
  const url = new URL(adminUrl);
  url.username = ROLES[role];
  url.password = credentials[role];
  return url.toString();
}

function credentialsFrom(path: string): Credentials {
  if (!existsSync(path)) writePrivateFile(path, JSON.stringify({ writer: secret(), reader: secret() }));
  try {
    const { writer, reader } = JSON.parse(readPrivateFile(path)) as Partial<Credentials>;
    if (typeof writer === 'string' && typeof reader === 'string') return { writer, reader };
  } catch (error) {
    if (error instanceof RuntimeFault) throw error;
  }
  throw new RuntimeFault('WRIT-KEY-104', path);
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}
