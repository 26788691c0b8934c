// Owns the change of the key-encryption key: every wrapped key is opened with the old one and wrapped with the new. Boxes stay.
import type pg from 'pg';
import { RuntimeFault } from '../faults.js';
import { withClient } from '../postgres/connect.js';
import { boundTo, type DataKeyRow, unwrapBytes } from './data-keys.js';
import type { Kek } from './kek.js';

const AT_ONCE = 200;
const NEXT = `select id, agent, month, subject, kek_id, wrapped from vault.data_key where kek_id = $1 limit ${AT_ONCE} for update`;
const NEXT_SECRETS = 'select name, wrapped from vault.secret where kek_id = $1 for update';

/**
 * Wraps all keys of the vault anew, as the database's administrator. A run that was broken off is finished by the next one. Nobody
 * can open what the other key wraps: the services are down meanwhile, and start with the new key. Resolves with the number of keys.
 * Throws WRIT-VLT-001 when keys are left that neither of the two has wrapped, -002 when one does not open.
 */
export async function rewrapVault(adminUrl: string, from: Kek, to: Kek): Promise<number> {
  return withClient(adminUrl, async (client) => {
    let done = await inTransaction(client, () => secrets(client, from, to));
    for (let some = 1; some > 0; ) {
      some = await inTransaction(client, () => dataKeys(client, from, to));
      done += some;
    }
    await refuseOthers(client, to);
    return done;
  });
}

async function inTransaction(client: pg.Client, work: () => Promise<number>): Promise<number> {
  await client.query('begin');
  const done = await work();
  await client.query('commit');
  return done;
}

async function dataKeys(client: pg.Client, from: Kek, to: Kek): Promise<number> {
  const { rows } = await client.query<DataKeyRow>(NEXT, [from.id]);
  for (const row of rows) {
    const wrapped = await to.wrap(boundTo(row.id, row), await unwrapBytes(from, row));
    await client.query('update vault.data_key set kek_id = $2, wrapped = $3 where id = $1', [
      row.id,
      to.id,
      wrapped,
    ]);
  }
  return rows.length;
}

async function secrets(client: pg.Client, from: Kek, to: Kek): Promise<number> {
  const { rows } = await client.query<{ name: string; wrapped: Buffer }>(NEXT_SECRETS, [from.id]);
  for (const { name, wrapped } of rows) {
    const bytes = await from.unwrap(['secret', name], wrapped);
    if (bytes === undefined) throw new RuntimeFault('WRIT-VLT-002', `secret ${name}`);
    const text = 'update vault.secret set kek_id = $2, wrapped = $3 where name = $1';
    await client.query(text, [name, to.id, await to.wrap(['secret', name], bytes)]);
  }
  return rows.length;
}

async function refuseOthers(client: pg.Client, to: Kek): Promise<void> {
  const { rows } = await client.query<{ kek_id: string }>(
    'select kek_id from vault.data_key where kek_id <> $1 limit 1',
    [to.id],
  );
  const other = rows[0]?.kek_id;
  if (other !== undefined) throw new RuntimeFault('WRIT-VLT-001', `some keys are wrapped with ${other}`);
}
