// Owns the data keys of the vault: made by the writer, opened by the reader, wrapped by the key-encryption key in between.
import { createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { RuntimeFault } from '../faults.js';
import type { PostgresPool } from '../postgres/connect.js';
import type { Kek } from './kek.js';

/** Whose key it is: one per agent and month and, where the values are about a person, per that person's pseudonym. */
export type KeyOwner = { readonly agent: string; readonly month: string; readonly subject: string | null };

/** A data key and where it belongs. `stored` tells that its wrapped form is known to be in the database. */
export type DataKey = {
  readonly id: string;
  readonly key: KeyObject;
  readonly wrapped: Buffer;
  stored: boolean;
};

/** As the database keeps it. */
export type DataKeyRow = KeyOwner & { id: string; kek_id: string; wrapped: Buffer };

/** The writer's keys: one per owner in this process, the longest unused forgotten first. */
export interface KeyRing {
  of(owner: KeyOwner): Promise<DataKey>;
  /** Forgets a key that was erased meanwhile: the next one is a new one. */
  forget(owner: KeyOwner): void;
}

const MAX_HELD = 10_000;
const nameOf = ({ agent, month, subject }: KeyOwner): string => JSON.stringify([agent, month, subject]);

/** Where a data key belongs, as it is authenticated. */
export const boundTo = (id: string, { agent, month, subject }: KeyOwner): string[] =>
  subject === null ? ['key', id, agent, month] : ['key', id, agent, month, subject];

/** Makes the ring. A key that could not be made is not held. */
export function createKeyRing(kek: Kek): KeyRing {
  const held = new Map<string, Promise<DataKey>>();
  return {
    of(owner) {
      const name = nameOf(owner);
      const key = held.get(name) ?? makeKey(kek, owner);
      held.delete(name);
      held.set(name, key);
      key.catch(() => held.get(name) === key && held.delete(name));
      if (held.size > MAX_HELD) held.delete(held.keys().next().value as string);
      return key;
    },
    forget: (owner) => void held.delete(nameOf(owner)),
  };
}

async function makeKey(kek: Kek, owner: KeyOwner): Promise<DataKey> {
  const bytes = randomBytes(32);
  const id = randomUUID();
  const wrapped = await kek.wrap(boundTo(id, owner), bytes);
  return { id, key: createSecretKey(bytes), wrapped, stored: false };
}

/** Opens a wrapped key. Throws WRIT-VLT-001 (another key-encryption key) or WRIT-VLT-002 (altered). */
export async function unwrap(kek: Kek, row: DataKeyRow): Promise<KeyObject> {
  return createSecretKey(await unwrapBytes(kek, row));
}

/** The bytes of a wrapped key, for wrapping it anew. Throws like `unwrap`. */
export async function unwrapBytes(kek: Kek, row: DataKeyRow): Promise<Buffer> {
  if (row.kek_id !== kek.id)
    throw new RuntimeFault('WRIT-VLT-001', `made with ${row.kek_id}, given ${kek.id}`);
  const bytes = await kek.unwrap(boundTo(row.id, row), row.wrapped);
  if (bytes === undefined) throw new RuntimeFault('WRIT-VLT-002', `data key ${row.id}`);
  return bytes;
}

/** Reads one wrapped key; undefined when it was erased. */
export async function readKeyRow(pool: PostgresPool, id: string): Promise<DataKeyRow | undefined> {
  const text = 'select id, agent, month, subject, kek_id, wrapped from vault.data_key where id = $1';
  return (await pool.query<DataKeyRow>(text, [id])).rows[0];
}
