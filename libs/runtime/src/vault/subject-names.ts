// Owns the pseudonyms of data subjects: HMAC-SHA-256 under a key of the vault, itself wrapped. It keeps no identifier anywhere.
import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { RuntimeFault } from '../faults.js';
import type { PostgresPool } from '../postgres/connect.js';
import type { Kek } from './kek.js';

/** Turns an identifier into the name under which vault and ledger know the person. The same identifier gives the same name. */
export interface SubjectNames {
  of(identifier: string): Promise<string>;
}

const NAME = 'subject-names';
const BOUND = ['secret', NAME];
const READ = 'select kek_id, wrapped from vault.secret where name = $1';
const PUT = 'insert into vault.secret (name, kek_id, wrapped) values ($1, $2, $3) on conflict do nothing';

/**
 * Names for data subjects. The key is made at first use; whoever comes first, all have the same. `read` and `write` are pools
 * of roles that may (the eraser's may both). Throws WRIT-VLT-001 or -002 when the key does not open.
 */
export function createSubjectNames(read: PostgresPool, write: PostgresPool, kek: Kek): SubjectNames {
  let key: Promise<KeyObject> | undefined;
  const held = (): Promise<KeyObject> => {
    key ??= openKey(read, write, kek).catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
  return { of: async (identifier) => nameUnder(await held(), identifier) };
}

/** The same without a database: for tests and trials; names of this process only. */
export function createMemorySubjectNames(): SubjectNames {
  const key = createSecretKey(randomBytes(32));
  return { of: async (identifier) => nameUnder(key, identifier) };
}

const nameUnder = (key: KeyObject, identifier: string): string =>
  createHmac('sha256', key).update('writ-data-subject\0').update(identifier, 'utf8').digest('base64url');

async function openKey(read: PostgresPool, write: PostgresPool, kek: Kek): Promise<KeyObject> {
  const row = (await readRow(read)) ?? (await makeRow(read, write, kek));
  if (row.kek_id !== kek.id)
    throw new RuntimeFault('WRIT-VLT-001', `made with ${row.kek_id}, given ${kek.id}`);
  const bytes = await kek.unwrap(BOUND, row.wrapped);
  if (bytes === undefined) throw new RuntimeFault('WRIT-VLT-002', `secret ${NAME}`);
  return createSecretKey(bytes);
}

type Row = { readonly kek_id: string; readonly wrapped: Buffer };

async function readRow(pool: PostgresPool): Promise<Row | undefined> {
  return (await pool.query<Row>(READ, [NAME])).rows[0];
}

async function makeRow(read: PostgresPool, write: PostgresPool, kek: Kek): Promise<Row> {
  await write.query(PUT, [NAME, kek.id, await kek.wrap(BOUND, randomBytes(32))]);
  const row = await readRow(read);
  if (row === undefined) throw new RuntimeFault('WRIT-VLT-002', `secret ${NAME}`);
  return row;
}
