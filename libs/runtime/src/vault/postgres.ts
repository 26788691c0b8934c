// Owns the vault in Postgres: AES-256-GCM under data keys. It never overwrites, never stores a plain value, never brings back an erased one.
import { RuntimeFault } from '../faults.js';
import type { PostgresPool } from '../postgres/connect.js';
import { createKeyRing, type DataKey, type KeyOwner, type KeyRing, readKeyRow, unwrap } from './data-keys.js';
import type { Kek } from './kek.js';
import { open, seal } from './seal.js';
import { checkEntries, digestOfDisclosure, type Vault, type VaultEntry } from './vault.js';

type Sealed = {
  readonly entry: VaultEntry;
  readonly owner: KeyOwner;
  readonly key: DataKey;
  readonly box: Buffer;
};
type EntryRow = KeyOwner & { key_id: string; box: Buffer };

const PUT_KEYS = `insert into vault.data_key (id, agent, month, subject, kek_id, wrapped)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[]) on conflict do nothing`;
const PUT_ENTRIES = `insert into vault.entry (digest, key_id, agent, month, subject, intent, retention_class, erase_after, box)
select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::bytea[])
  as fresh (digest, key_id, agent, month, subject, intent, retention_class, erase_after, box)
where not exists (select 1 from vault.erased where erased.digest = fresh.digest) on conflict do nothing`;
const GET = 'select key_id, agent, month, subject, box from vault.entry where digest = $1';
const PLACE = `select subject, retention_class, erase_after from vault.entry
where intent = $1 order by subject nulls last, erase_after desc nulls last limit 1`;

/** The key was erased, or an erasure of it was in the way. */
const KEY_IS_GONE: readonly string[] = ['23503', '40P01'];
const TRIES = 6;

/**
 * The vault on a pool of either role (`prepareVault`): `put` needs the writer's, `get` the reader's; the other one's call is
 * refused by Postgres. Each box is bound to its digest, agent, month and subject: a row moved to another place does not open.
 * A key that was erased meanwhile is never used again; a digest that was erased is not kept again.
 */
export function createPostgresVault(pool: PostgresPool, kek: Kek): Vault {
  const ring = createKeyRing(kek);
  return {
    async put(entries) {
      checkEntries(entries);
      if (entries.length > 0) await putWithLivingKeys(pool, kek, ring, entries);
    },
    async get(digest) {
      const row = (await pool.query<EntryRow>(GET, [digest])).rows[0];
      return row === undefined ? undefined : disclose(pool, kek, digest, row);
    },
  };
}

type PlaceRow = {
  readonly subject: string | null;
  readonly retention_class: string | null;
  readonly erase_after: Date | null;
};

/** Entries that name an intent and leave the subject open get subject and retention of what is kept of it. For the reader's role. */
export async function withPlaces(
  pool: PostgresPool,
  entries: readonly VaultEntry[],
): Promise<readonly VaultEntry[]> {
  const open = (entry: VaultEntry) => entry.intent !== undefined && entry.subject === undefined;
  const intents = [...new Set(entries.filter(open).map(({ intent }) => intent as string))];
  const found = await Promise.all(
    intents.map(async (intent) => [intent, (await pool.query<PlaceRow>(PLACE, [intent])).rows[0]] as const),
  );
  const rows = new Map(found);
  return entries.map((entry) => (open(entry) ? placed(entry, rows.get(entry.intent as string)) : entry));
}

function placed(entry: VaultEntry, row: PlaceRow | undefined): VaultEntry {
  const { subject = null, retention_class: name = null, erase_after: until = null } = row ?? {};
  return {
    ...entry,
    ...(subject === null ? {} : { subject }),
    ...(name === null || until === null ? {} : { retention: { class: name, until: until.toISOString() } }),
  };
}

const ownerOf = ({ agent, month, subject }: VaultEntry): KeyOwner => ({
  agent,
  month,
  subject: subject ?? null,
});

async function putWithLivingKeys(
  pool: PostgresPool,
  kek: Kek,
  ring: KeyRing,
  entries: readonly VaultEntry[],
): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    const rows = await Promise.all(
      entries.map(async (entry) => sealed(await ring.of(ownerOf(entry)), entry)),
    );
    try {
      return await store(pool, kek, rows);
    } catch (error) {
      if (!KEY_IS_GONE.includes((error as { code?: string }).code ?? '') || left <= 1) throw error;
      for (const { owner } of rows) ring.forget(owner);
    }
  }
}

function sealed(key: DataKey, entry: VaultEntry): Sealed {
  const owner = ownerOf(entry);
  const box = seal(key.key, place(entry.digest, owner), Buffer.from(entry.disclosure, 'utf8'));
  return { entry, owner, key, box };
}

function place(digest: string, { agent, month, subject }: KeyOwner): string[] {
  return subject === null ? ['entry', digest, agent, month] : ['entry', digest, agent, month, subject];
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

const columns = (rows: readonly Sealed[], picks: readonly ((row: Sealed) => unknown)[]): unknown[] =>
  picks.map((pick) => rows.map(pick));

function keyColumns(kek: Kek, rows: readonly Sealed[]): unknown[] {
  return columns(rows, [
    ({ key }) => key.id,
    ({ owner }) => owner.agent,
    ({ owner }) => owner.month,
    ({ owner }) => owner.subject,
    () => kek.id,
    ({ key }) => key.wrapped,
  ]);
}

function entryColumns(rows: readonly Sealed[]): unknown[] {
  return columns(rows, [
    ({ entry }) => entry.digest,
    ({ key }) => key.id,
    ({ owner }) => owner.agent,
    ({ owner }) => owner.month,
    ({ owner }) => owner.subject,
    ({ entry }) => entry.intent ?? null,
    ({ entry }) => entry.retention?.class ?? null,
    ({ entry }) => entry.retention?.until ?? null,
    ({ box }) => box,
  ]);
}

async function disclose(
  pool: PostgresPool,
  kek: Kek,
  digest: string,
  row: EntryRow,
): Promise<string | undefined> {
  const keyRow = await readKeyRow(pool, row.key_id);
  if (keyRow === undefined) return undefined;
  const plain = open(await unwrap(kek, keyRow), place(digest, row), row.box)?.toString('utf8');
  if (plain === undefined || digestOfDisclosure(plain) !== digest)
    throw new RuntimeFault('WRIT-VLT-002', `entry ${digest}`);
  return plain;
}
