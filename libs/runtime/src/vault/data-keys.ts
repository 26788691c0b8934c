// Owns the data keys of the vault: made by the writer, opened by the reader, wrapped by the key-encryption key in between.
import { createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { RuntimeFault } from '../faults.js';
import type { PostgresPool } from '../postgres/connect.js';
import type { Kek } from './kek.js';
import { open, seal } from './seal.js';

/** A data key and where it belongs. `stored` tells that its wrapped form is known to be in the database. */
export type DataKey = {
  readonly id: string;
  readonly key: KeyObject;
  readonly wrapped: Buffer;
  stored: boolean;
};

/** As the database keeps it. */
export type DataKeyRow = { id: string; agent: string; month: string; kek_id: string; wrapped: Buffer };

const MAX_HELD = 10_000;

/** The writer's keys, one per agent and month in this process, the longest unused forgotten first. */
export function createKeyRing(kek: Kek): { of(agent: string, month: string): DataKey } {
  const held = new Map<string, DataKey>();
  return {
    of(agent, month) {
      const name = JSON.stringify([agent, month]);
      const key = held.get(name) ?? makeKey(kek, agent, month);
      held.delete(name);
      held.set(name, key);
      if (held.size > MAX_HELD) held.delete(held.keys().next().value as string);
      return key;
    },
  };
}

function makeKey(kek: Kek, agent: string, month: string): DataKey {
  const bytes = randomBytes(32);
  const id = randomUUID();
  return {
    id,
    key: createSecretKey(bytes),
    wrapped: seal(kek.key, ['key', id, agent, month], bytes),
    stored: false,
  };
}

/** Opens a wrapped key. Throws WRIT-VLT-001 (another key-encryption key) or WRIT-VLT-002 (altered). */
export function unwrap(kek: Kek, row: DataKeyRow): KeyObject {
  if (row.kek_id !== kek.id)
    throw new RuntimeFault('WRIT-VLT-001', `made with ${row.kek_id}, given ${kek.id}`);
  const bytes = open(kek.key, ['key', row.id, row.agent, row.month], row.wrapped);
  if (bytes === undefined) throw new RuntimeFault('WRIT-VLT-002', `data key ${row.id}`);
  return createSecretKey(bytes);
}

/** Reads one wrapped key; undefined when it was erased. */
export async function readKeyRow(pool: PostgresPool, id: string): Promise<DataKeyRow | undefined> {
  const text = 'select id, agent, month, kek_id, wrapped from vault.data_key where id = $1';
  return (await pool.query<DataKeyRow>(text, [id])).rows[0];
}
