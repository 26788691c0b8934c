// Owns the vault in Postgres: AES-256-GCM, a data key per agent and month. It never overwrites and never stores a plain value.
import { RuntimeFault } from '../faults.js';
import type { PostgresPool } from '../postgres/connect.js';
import { createKeyRing, type DataKey, readKeyRow, unwrap } from './data-keys.js';
import type { Kek } from './kek.js';
import { open, seal } from './seal.js';
import { checkEntries, digestOfDisclosure, type Vault, type VaultEntry } from './vault.js';

type Sealed = { readonly entry: VaultEntry; readonly key: DataKey; readonly box: Buffer };
type EntryRow = { key_id: string; agent: string; month: string; box: Buffer };

const PUT_KEYS = `insert into vault.data_key (id, agent, month, kek_id, wrapped)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[]) on conflict do nothing`;
const PUT_ENTRIES = `insert into vault.entry (digest, key_id, agent, month, box)
select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::bytea[]) on conflict do nothing`;
const GET = 'select key_id, agent, month, box from vault.entry where digest = $1';

/**
 * The vault on a pool of either role (`prepareVault`): `put` needs the writer's, `get` the reader's; the other one's call is
 * refused by Postgres. Each box is bound to its digest, agent and month, so that a row moved to another place does not open.
 */
export function createPostgresVault(pool: PostgresPool, kek: Kek): Vault {
  const ring = createKeyRing(kek);
  return {
    async put(entries) {
      checkEntries(entries);
      if (entries.length > 0)
        await store(
          pool,
          kek,
          entries.map((entry) => sealed(ring.of(entry.agent, entry.month), entry)),
        );
    },
    async get(digest) {
      const row = (await pool.query<EntryRow>(GET, [digest])).rows[0];
      return row === undefined ? undefined : disclose(pool, kek, digest, row);
    },
  };
}

function sealed(key: DataKey, entry: VaultEntry): Sealed {
  return {
    entry,
    key,
    box: seal(key.key, place(entry.digest, entry), Buffer.from(entry.disclosure, 'utf8')),
  };
}

function place(digest: string, { agent, month }: { agent: string; month: string }): string[] {
  return ['entry', digest, agent, month];
}

async function store(pool: PostgresPool, kek: Kek, rows: readonly Sealed[]): Promise<void> {
  const fresh = [...new Map(rows.filter(({ key }) => !key.stored).map((row) => [row.key.id, row])).values()];
  const client = await pool.connect();
  try {
    await client.query('begin');
    if (fresh.length > 0) await client.query(PUT_KEYS, keyColumns(kek, fresh));
    await client.query(PUT_ENTRIES, entryColumns(rows));
    await client.query('commit');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
  for (const { key } of fresh) key.stored = true;
}

function keyColumns(kek: Kek, rows: readonly Sealed[]): unknown[] {
  const column = <T>(pick: (row: Sealed) => T) => rows.map(pick);
  return [
    column(({ key }) => key.id),
    column(({ entry }) => entry.agent),
    column(({ entry }) => entry.month),
    column(() => kek.id),
    column(({ key }) => key.wrapped),
  ];
}

function entryColumns(rows: readonly Sealed[]): unknown[] {
  const column = <T>(pick: (row: Sealed) => T) => rows.map(pick);
  return [
    column(({ entry }) => entry.digest),
    column(({ key }) => key.id),
    column(({ entry }) => entry.agent),
    column(({ entry }) => entry.month),
    column(({ box }) => box),
  ];
}

async function disclose(
  pool: PostgresPool,
  kek: Kek,
  digest: string,
  row: EntryRow,
): Promise<string | undefined> {
  const keyRow = await readKeyRow(pool, row.key_id);
  if (keyRow === undefined) return undefined;
  const plain = open(unwrap(kek, keyRow), place(digest, row), row.box)?.toString('utf8');
  if (plain === undefined || digestOfDisclosure(plain) !== digest)
    throw new RuntimeFault('WRIT-VLT-002', `entry ${digest}`);
  return plain;
}
