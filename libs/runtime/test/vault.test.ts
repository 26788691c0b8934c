// The vault: what goes in comes out, only for whom it should, only where it was put.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  connectPostgres,
  createKek,
  createMemoryVault,
  createPostgresVault,
  type Postgres,
  type PostgresPool,
  prepareVault,
  readKek,
  startPostgres,
  type Vault,
  type VaultEntry,
  withClient,
} from '../src/index.js';
import { tempDir } from './temp-dir.js';

const dir = tempDir();
const kek = createKek(join(dir, 'vault.kek'));
let server: Postgres;
let admin: string;
let writer: PostgresPool;
let reader: PostgresPool;

beforeAll(async () => {
  server = await startPostgres({ dir: join(dir, 'postgres'), fast: true });
  admin = await server.createDatabase('plane');
  await prepareVault(admin, join(dir, 'credentials.json'));
  const urls = await prepareVault(admin, join(dir, 'credentials.json'));
  writer = connectPostgres(urls.writer);
  reader = connectPostgres(urls.reader);
});

afterAll(async () => {
  await Promise.all([writer?.end(), reader?.end()]);
  await server?.stop();
});

let made = 0;
function entry(agent = 'acme.shop.prod.bot', month = '2025-11'): VaultEntry {
  made += 1;
  const disclosure = Buffer.from(JSON.stringify([`salt-${made}`, 'amount', `private-${made}`])).toString(
    'base64url',
  );
  return { agent, month, disclosure, digest: createHash('sha256').update(disclosure).digest('base64url') };
}

const inPostgres: Vault = {
  put: (entries) => createPostgresVault(writer, kek).put(entries),
  get: (digest) => createPostgresVault(reader, kek).get(digest),
};

describe.each([
  ['memory', createMemoryVault()],
  ['postgres', inPostgres],
])('the %s vault', (_name, vault) => {
  test('gives back each disclosure by its digest, of several agents and months put at once', async () => {
    const entries = [entry(), entry(), entry('acme.shop.prod.other'), entry('acme.shop.prod.bot', '2025-12')];
    await vault.put(entries);
    for (const { digest, disclosure } of entries) expect(await vault.get(digest)).toBe(disclosure);
  });

  test('takes the same entry twice and an empty list, and knows nothing of another digest', async () => {
    const twice = entry();
    await vault.put([twice]);
    await vault.put([twice]);
    await vault.put([]);
    expect(await vault.get(twice.digest)).toBe(twice.disclosure);
    expect(await vault.get(entry().digest)).toBeUndefined();
  });

  test('refuses a disclosure whose digest is another, and keeps nothing of that call', async () => {
    const good = entry();
    const bad = { ...entry(), digest: entry().digest };
    await expect(vault.put([good, bad])).rejects.toMatchObject({ code: 'WRIT-VLT-003' });
    expect(await vault.get(good.digest)).toBeUndefined();
  });
});

test('nothing of a disclosure stands in the database in the clear, and one data key serves an agent and month', async () => {
  const vault = createPostgresVault(writer, kek);
  const entries = Array.from({ length: 20 }, () => entry('acme.shop.prod.keyed', '2024-01'));
  await vault.put(entries.slice(0, 10));
  await vault.put(entries.slice(10));
  const rows = await withClient(admin, async (client) => ({
    keys: (await client.query("select * from vault.data_key where agent = 'acme.shop.prod.keyed'")).rows,
    boxes: (await client.query("select * from vault.entry where agent = 'acme.shop.prod.keyed'")).rows,
  }));
  expect([rows.keys.length, rows.boxes.length]).toEqual([1, 20]);
  for (const { disclosure } of entries) {
    expect(rows.boxes.some(({ box }) => (box as Buffer).includes(disclosure.slice(0, 12)))).toBe(false);
  }
});

test('another key-encryption key opens nothing and is named as the wrong one', async () => {
  const kept = entry();
  await inPostgres.put([kept]);
  const wrong = createPostgresVault(reader, createKek(join(dir, 'wrong.kek')));
  await expect(wrong.get(kept.digest)).rejects.toMatchObject({ code: 'WRIT-VLT-001' });
});

test('the writer can neither read, change nor delete; the reader can neither add, change nor delete', async () => {
  const kept = entry();
  await inPostgres.put([kept]);
  const refused = { code: '42501' };
  for (const table of ['vault.entry', 'vault.data_key']) {
    await expect(writer.query(`select * from ${table}`)).rejects.toMatchObject(refused);
    await expect(writer.query(`update ${table} set agent = 'x'`)).rejects.toMatchObject(refused);
    await expect(writer.query(`delete from ${table}`)).rejects.toMatchObject(refused);
    await expect(writer.query(`truncate ${table}`)).rejects.toMatchObject(refused);
    await expect(reader.query(`update ${table} set agent = 'x'`)).rejects.toMatchObject(refused);
    await expect(reader.query(`delete from ${table}`)).rejects.toMatchObject(refused);
  }
  await expect(createPostgresVault(reader, kek).put([entry()])).rejects.toMatchObject(refused);
  await expect(createPostgresVault(writer, kek).get(kept.digest)).rejects.toMatchObject(refused);
  expect(await inPostgres.get(kept.digest)).toBe(kept.disclosure);
});

test.each([
  ['moved to another agent', "agent = 'acme.shop.prod.thief'"],
  ['altered', 'box = set_byte(box, 20, (get_byte(box, 20) + 1) % 256)'],
  ['cut short', 'box = substring(box from 1 for 10)'],
])('a box that was %s does not open', async (_what, change) => {
  const kept = entry();
  await inPostgres.put([kept]);
  expect(await inPostgres.get(kept.digest)).toBe(kept.disclosure);
  await withClient(admin, (client) =>
    client.query(`update vault.entry set ${change} where digest = $1`, [kept.digest]),
  );
  await expect(inPostgres.get(kept.digest)).rejects.toMatchObject({ code: 'WRIT-VLT-002' });
});

test('a box exchanged for the box of another digest of the same agent does not open', async () => {
  const [mine, other] = [entry(), entry()];
  await createPostgresVault(writer, kek).put([mine, other]);
  const swap =
    'update vault.entry set box = (select box from vault.entry where digest = $2) where digest = $1';
  await withClient(admin, (client) => client.query(swap, [mine.digest, other.digest]));
  await expect(inPostgres.get(mine.digest)).rejects.toMatchObject({ code: 'WRIT-VLT-002' });
});

test('a put that Postgres refuses keeps none of its entries, and the next one works', async () => {
  const vault = createPostgresVault(writer, kek);
  const [good, bad] = [entry('acme.shop.prod.first'), entry('acme.shop.prod.first', 'not-a-month')];
  await expect(vault.put([good, bad])).rejects.toMatchObject({ code: '23514' });
  expect(await inPostgres.get(good.digest)).toBeUndefined();
  await vault.put([good]);
  expect(await inPostgres.get(good.digest)).toBe(good.disclosure);
});

test('the key file is private, read back the same, never overwritten, and refused when cut or open to others', async () => {
  const path = join(dir, 'another.kek');
  const { id } = createKek(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readKek(path).id).toBe(id);
  expect(() => createKek(path)).toThrow(/WRIT-KEY-103/);
  const { chmodSync, writeFileSync } = await import('node:fs');
  chmodSync(path, 0o640);
  expect(() => readKek(path)).toThrow(/WRIT-KEY-102/);
  chmodSync(path, 0o600);
  writeFileSync(path, 'c2hvcnQ');
  expect(() => readKek(path)).toThrow(/WRIT-KEY-104/);
  expect(() => readKek(join(dir, 'none.kek'))).toThrow(/WRIT-KEY-101/);
});
