// Erasure in the vault: keys and disclosures go together, once per order, never what is held, and nothing that went comes back.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectPostgres,
  createKek,
  createPostgresVault,
  createSubjectNames,
  createVaultEraser,
  erasedDigests,
  erasedUnder,
  type Postgres,
  type PostgresPool,
  prepareVault,
  rewrapVault,
  startPostgres,
  type VaultEntry,
  withClient,
  withPlaces,
} from '../src/index.js';
import { tempDir } from './temp-dir.js';

const dir = tempDir();
const kek = createKek(join(dir, 'vault.kek'));
let server: Postgres;
let admin: string;
let [writer, reader, eraser]: PostgresPool[] = [];
let vault: ReturnType<typeof createPostgresVault>;
const read = (digest: string) => createPostgresVault(reader as PostgresPool, kek).get(digest);
const shredder = () => createVaultEraser(eraser as PostgresPool);
const sql = <T extends object>(text: string, values: unknown[] = []) =>
  withClient(admin, async (client) => (await client.query<T>(text, values)).rows);

beforeAll(async () => {
  server = await startPostgres({ dir: join(dir, 'postgres'), fast: true });
  admin = await server.createDatabase('plane');
  await prepareVault(admin, join(dir, 'credentials.json'));
  const urls = await prepareVault(admin, join(dir, 'credentials.json'));
  [writer, reader, eraser] = [urls.writer, urls.reader, urls.eraser].map((url) => connectPostgres(url));
  vault = createPostgresVault(writer as PostgresPool, kek);
});
afterAll(async () => {
  await Promise.all([writer?.end(), reader?.end(), eraser?.end()]);
  await server?.stop();
});

let made = 0;
const ids = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const order = () => {
  made += 1;
  return `${ids(made)}.registry.0`;
};
const entry = (more: Partial<VaultEntry> = {}): VaultEntry => {
  made += 1;
  const text = JSON.stringify([`salt-of-sixteen-${made}`, 'amount', `private-${made}`]);
  const disclosure = Buffer.from(text).toString('base64url');
  const digest = createHash('sha256').update(disclosure).digest('base64url');
  return { agent: 'acme.shop.prod.bot', month: '2026-01', disclosure, digest, ...more };
};
const keep = async <const T extends readonly VaultEntry[]>(...entries: T): Promise<T> => {
  await vault.put(entries);
  return entries;
};
const there = async (...entries: readonly VaultEntry[]) =>
  (await Promise.all(entries.map(({ digest }) => read(digest)))).map((text) => text !== undefined);
const keysOf = async (agent: string) =>
  (await sql<{ n: number }>('select count(*)::int n from vault.data_key where agent = $1', [agent]))[0]?.n;

describe('keys', () => {
  it('are one per agent, month and data subject, and the box of one subject does not open as that of another', async () => {
    const agent = 'acme.shop.prod.keys';
    const about = (subject?: string) => entry({ agent, subject });
    const [ann, ann2, ben, nobody] = await keep(about('ann'), about('ann'), about('ben'), about());
    expect(await keysOf(agent)).toBe(3);
    expect(await there(ann, ann2, ben, nobody)).toEqual([true, true, true, true]);
    await sql('update vault.entry set subject = $2 where digest = $1', [ben.digest, 'ann']);
    await expect(read(ben.digest)).rejects.toMatchObject({ code: 'WRIT-VLT-002' });
  });

  it('of what is said later about an intent are those of its data subject, with its retention', async () => {
    const agent = 'acme.shop.prod.later';
    const retention = { class: 'financial', until: '2033-01-01T00:00:00.000Z' };
    await keep(entry({ agent, intent: ids(1), subject: 'ann', retention }));
    const vote = entry({ agent, month: '2026-02', intent: ids(1) });
    const [placed] = await withPlaces(reader as PostgresPool, [vote]);
    expect(placed).toEqual({ ...vote, subject: 'ann', retention });
    const stranger = entry({ agent, intent: ids(2) });
    expect(await withPlaces(reader as PostgresPool, [stranger])).toEqual([stranger]);
  });
});

describe('an erasure', () => {
  it('of an agent and month destroys all its keys and disclosures and nothing else', async () => {
    const agent = 'acme.shop.prod.first';
    const [a, b, other, next] = await keep(
      entry({ agent }),
      entry({ agent, subject: 'ann' }),
      entry({ agent: 'acme.shop.prod.first-two' }),
      entry({ agent, month: '2026-02' }),
    );
    const what = { kind: 'agent-month', agent, month: '2026-01' } as const;
    const outcome = await shredder().erase(order(), what, []);
    expect(outcome).toMatchObject({ kind: 'erased', keys: 2, disclosures: { count: 2 } });
    expect(await there(a, b, other, next)).toEqual([false, false, true, true]);
    expect(await keysOf(agent)).toBe(1);
    expect(await sql('select 1 from vault.entry where digest = any($1)', [[a.digest, b.digest]])).toEqual([]);
  });

  it('of a person goes through all agents and months, and leaves the others their values', async () => {
    const [x, y, z] = await keep(
      entry({ subject: 'carl' }),
      entry({ agent: 'acme.shop.prod.two', month: '2025-12', subject: 'carl' }),
      entry({ subject: 'dora' }),
    );
    const outcome = await shredder().erase(order(), { kind: 'subject', subject: 'carl' }, []);
    expect(outcome).toMatchObject({ kind: 'erased', keys: 2, disclosures: { count: 2 } });
    expect(await there(x, y, z)).toEqual([false, false, true]);
  });

  it('of an intent leaves the key to those that still need it, and destroys it with the last', async () => {
    const agent = 'acme.shop.prod.one';
    const [mine, other] = await keep(entry({ agent, intent: ids(70) }), entry({ agent, intent: ids(71) }));
    const intent = (n: number) => ({ kind: 'intent', intentId: ids(n) }) as const;
    expect(await shredder().erase(order(), intent(70), [])).toMatchObject({ keys: 0 });
    expect(await there(mine, other)).toEqual([false, true]);
    expect(await shredder().erase(order(), intent(71), [])).toMatchObject({ keys: 1 });
    expect(await keysOf(agent)).toBe(0);
  });

  it('carried out again gives the same counts and touches nothing that came since', async () => {
    const what = { kind: 'subject', subject: 'erin' } as const;
    const [before] = await keep(entry({ subject: 'erin' }));
    const again = order();
    const first = await shredder().erase(again, what, []);
    const [since] = await keep(entry({ subject: 'erin' }));
    expect(await shredder().erase(again, what, [])).toEqual(first);
    expect(await there(before, since)).toEqual([false, true]);
  });

  it('lists what went, under the digest in its record, so that a reader can tell erased from lost', async () => {
    const gone = await keep(entry({ subject: 'finn' }), entry({ subject: 'finn' }));
    const by = order();
    const outcome = await shredder().erase(by, { kind: 'subject', subject: 'finn' }, []);
    const list = await erasedDigests(reader as PostgresPool, by);
    expect(list).toEqual(gone.map(({ digest }) => digest).toSorted());
    const over = createHash('sha256')
      .update(list.map((digest) => `${digest}\n`).join(''))
      .digest('base64url');
    expect(outcome).toMatchObject({ disclosures: { count: 2, digest: over } });
    expect(await erasedUnder(reader as PostgresPool, gone[0].digest)).toBe(by);
    expect(await erasedUnder(reader as PostgresPool, entry().digest)).toBeUndefined();
  });

  it('is for good: what was erased is not kept again, and a writer goes on with a new key', async () => {
    const agent = 'acme.shop.prod.again';
    const [gone] = await keep(entry({ agent }));
    await shredder().erase(order(), { kind: 'agent-month', agent, month: '2026-01' }, []);
    const fresh = entry({ agent });
    await keep(gone, fresh);
    expect(await there(gone, fresh)).toEqual([false, true]);
    expect(await keysOf(agent)).toBe(1);
  });

  it('beside writers in full run loses none of what was written after it', async () => {
    const agent = 'acme.shop.prod.busy';
    const what = { kind: 'agent-month', agent, month: '2026-01' } as const;
    const written: VaultEntry[] = [];
    const writing = (async () => {
      for (let n = 0; n < 120; n += 1) written.push(...(await keep(entry({ agent }), entry({ agent }))));
    })();
    let count = 0;
    for (let n = 0; n < 12; n += 1) {
      const outcome = await shredder().erase(order(), what, []);
      count += outcome.kind === 'erased' ? outcome.disclosures.count : 0;
    }
    await writing;
    const left = (await there(...written)).filter(Boolean).length;
    expect(count).toBeGreaterThan(0);
    expect(left + count).toBe(written.length);
  });
});

describe('a legal hold', () => {
  const agent = 'acme.shop.prod.held';

  it.each([
    ['agent', { kind: 'scope', scope: agent }],
    ['environment', { kind: 'scope', scope: 'acme.shop.prod' }],
    ['person', { kind: 'subject', subject: 'hal' }],
    ['intent', { kind: 'intent', intentId: ids(80) }],
  ] as const)(
    'on one %s leaves the whole target untouched, also where only the vault can tell',
    async (_, hold) => {
      const kept = await keep(entry({ agent, subject: 'hal', intent: ids(80) }), entry({ agent }));
      const what = { kind: 'agent-month', agent, month: '2026-01' } as const;
      expect(await shredder().isHeld(what, [hold])).toBe(true);
      expect(await shredder().erase(order(), what, [hold])).toEqual({ kind: 'held' });
      expect(await there(...kept)).toEqual([true, true]);
    },
  );

  it('on others blocks nothing', async () => {
    const [gone] = await keep(entry({ agent: 'acme.shop.prod.free' }));
    const holds = [
      { kind: 'scope', scope: 'acme.shop.prod.fre' },
      { kind: 'subject', subject: 'someone' },
      { kind: 'intent', intentId: ids(81) },
    ] as const;
    const what = { kind: 'agent-month', agent: 'acme.shop.prod.free', month: '2026-01' } as const;
    expect(await shredder().erase(order(), what, holds)).toMatchObject({ disclosures: { count: 1 } });
    expect(await there(gone)).toEqual([false]);
  });
});

describe('the end of a retention', () => {
  const until = (time: string, name = 'financial') => ({ class: name, until: time });

  it('erases what is past its time, goes around what is held, and leaves what has time', async () => {
    const [past, held, young] = await keep(
      entry({ retention: until('2026-01-01T00:00:00.000Z') }),
      entry({ retention: until('2026-01-01T00:00:00.000Z'), subject: 'ida' }),
      entry({ retention: until('2036-01-01T00:00:00.000Z') }),
    );
    const holds = [{ kind: 'subject', subject: 'ida' }] as const;
    const before = '2026-06-01T00:00:00.000Z';
    expect(await shredder().due(before, holds)).toEqual(['financial']);
    const what = { kind: 'retention', class: 'financial', before } as const;
    expect(await shredder().erase(order(), what, holds)).toMatchObject({ disclosures: { count: 1 } });
    expect(await there(past, held, young)).toEqual([false, true, true]);
    expect(await shredder().due(before, holds)).toEqual([]);
    expect(await shredder().due(before, [])).toEqual(['financial']);
  });
});

describe('rights', () => {
  it('the eraser tells rows apart and reads neither boxes nor keys, and changes nothing', async () => {
    const pool = eraser as PostgresPool;
    const no = { code: '42501' };
    await expect(pool.query('select box from vault.entry')).rejects.toMatchObject(no);
    await expect(pool.query('select wrapped from vault.data_key')).rejects.toMatchObject(no);
    await expect(pool.query("update vault.entry set agent = 'x'")).rejects.toMatchObject(no);
    await expect(pool.query('delete from vault.erasure')).rejects.toMatchObject(no);
    await expect(pool.query('delete from vault.erased')).rejects.toMatchObject(no);
    await expect(pool.query('truncate vault.entry')).rejects.toMatchObject(no);
    expect((await pool.query('select id, subject from vault.data_key limit 1')).rows.length).toBe(1);
  });

  it('nobody else can erase', async () => {
    for (const pool of [writer, reader] as PostgresPool[])
      await expect(
        createVaultEraser(pool).erase(order(), { kind: 'subject', subject: 'x' }, []),
      ).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the names of data subjects', () => {
  it('are the same for every service, and nothing without the key of the vault', async () => {
    const [w, r, e] = [writer, reader, eraser] as PostgresPool[];
    const service = createSubjectNames(r as PostgresPool, w as PostgresPool, kek);
    const registry = createSubjectNames(e as PostgresPool, e as PostgresPool, kek);
    const name = await service.of('customer-4711');
    expect(name).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await registry.of('customer-4711')).toBe(name);
    expect(await registry.of('customer-4712')).not.toBe(name);
    expect(name).not.toBe(createHash('sha256').update('customer-4711').digest('base64url'));
    const thief = createSubjectNames(r as PostgresPool, w as PostgresPool, createKek(join(dir, 'thief.kek')));
    await expect(thief.of('customer-4711')).rejects.toMatchObject({ code: 'WRIT-VLT-001' });
  });
});

describe('another key-encryption key', () => {
  it('takes over all keys and names; the old one opens nothing afterwards', async () => {
    const names = (key: typeof kek) =>
      createSubjectNames(reader as PostgresPool, writer as PostgresPool, key);
    const [kept] = await keep(entry({ subject: 'jo' }));
    const name = await names(kek).of('jo@example.test');
    const next = createKek(join(dir, 'next.kek'));
    const count = await rewrapVault(admin, kek, next);
    expect(count).toBeGreaterThan(1);
    expect(await rewrapVault(admin, kek, next)).toBe(0);
    expect(await createPostgresVault(reader as PostgresPool, next).get(kept.digest)).toBe(kept.disclosure);
    expect(await names(next).of('jo@example.test')).toBe(name);
    await expect(read(kept.digest)).rejects.toMatchObject({ code: 'WRIT-VLT-001' });
    await expect(rewrapVault(admin, kek, createKek(join(dir, 'third.kek')))).rejects.toMatchObject({
      code: 'WRIT-VLT-001',
    });
  });
});
