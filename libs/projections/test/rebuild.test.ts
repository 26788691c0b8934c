// Invariant 7 and the swap of builds: rebuilt equals live, readers see one or the other, old versions step back.
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { dropRetired, type Projector, prepareDatabase, rebuild, startProjector } from '../src/index.js';
import { createChain, type TestChain } from './chain.js';
import { credentials, dump, freshDatabase, type TestDatabase } from './database.js';
import { type ArraySource, arraySource } from './source.js';
import { act, day, decide, registry } from './story.js';

let server: TestPostgres;
let db: TestDatabase;
let chain: TestChain;
let source: ArraySource;
const running: Projector[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  db = await freshDatabase(server);
  chain = createChain();
  day(chain);
  source = arraySource(chain.messages);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((p) => p.stop()));
  await db.close();
});

const base = () => ({ pool: db.projector, source, roots: chain.roots, lingerMs: 5 });
const start = (version = 1): Projector => {
  const projector = startProjector({ ...base(), version });
  running.push(projector);
  return projector;
};
const append = () => {
  const asked = act(chain);
  source.wake();
  return asked;
};
const states = async () =>
  (await db.admin.query('select schema, state from writ_projection.checkpoints order by schema')).rows;

it('invariant 7: a rebuilt read model equals the live one, table by table', async () => {
  const live = start();
  expect(await live.reached(20, 5000)).toBe(true);
  registry(chain, 'key-distrusted', { kid: chain.keys['decision']!.kid, from: 15, reason: 'compromised' });
  decide(chain);
  source.wake();
  expect(await live.reached(chain.messages.length, 5000), String(live.fault())).toBe(true);
  const before = await dump(db.admin, 'rm');
  expect(before['events']!.length + before['junk']!.length).toBe(chain.messages.length);
  const result = await rebuild({ adminUrl: db.adminUrl, projector: base(), timeoutMs: 10_000 });
  expect(result).toMatchObject({ kind: 'promoted', seq: chain.messages.length });
  expect(await dump(db.admin, 'rm')).toEqual(before);
  expect(await states()).toEqual([
    { schema: 'rm_v1_b1', state: 'retired' },
    { schema: 'rm_v1_b2', state: 'live' },
  ]);
});

it('goes on with the new build after a swap, and the old tables can go', async () => {
  const live = start();
  await live.reached(chain.messages.length, 5000);
  expect(await rebuild({ adminUrl: db.adminUrl, projector: base(), timeoutMs: 10_000 })).toMatchObject({
    kind: 'promoted',
  });
  const asked = append();
  expect(await live.reached(chain.messages.length, 10_000), String(live.fault())).toBe(true);
  expect(await dropRetired(db.adminUrl)).toEqual(['rm_v1_b1']);
  const { rows } = await db.query.query('select outcome from rm.actions where intent_id = $1', [
    asked.intentId,
  ]);
  expect(rows).toEqual([{ outcome: 'succeeded' }]);
});

it('builds version n+1 beside version n, shows it only when it has caught up, and then version n steps back', async () => {
  const old = start();
  await old.reached(chain.messages.length, 5000);
  await prepareDatabase(db.adminUrl, { credentials, version: 2 });
  expect(await states()).toEqual([
    { schema: 'rm_v1_b1', state: 'live' },
    { schema: 'rm_v2_b1', state: 'building' },
  ]);
  const { rows: shown } = await db.query.query('select count(*) as n from rm.events');
  expect(Number(shown[0].n)).toBeGreaterThan(30);
  const next = start(2);
  expect(await next.reached(chain.messages.length, 5000), String(next.fault())).toBe(true);
  for (let n = 0; n < 100 && (await states())[1].state !== 'live'; n += 1)
    await new Promise((r) => setTimeout(r, 20));
  expect(await states()).toEqual([
    { schema: 'rm_v1_b1', state: 'retired' },
    { schema: 'rm_v2_b1', state: 'live' },
  ]);
  append();
  expect(await next.reached(chain.messages.length, 5000)).toBe(true);
  for (let n = 0; n < 100 && old.fault() === undefined; n += 1) await new Promise((r) => setTimeout(r, 20));
  expect(old.fault()).toMatchObject({ code: 'WRIT-PRJ-001' });
});

it('never shows a build that is behind the live one or of an older version', async () => {
  const live = start();
  await live.reached(chain.messages.length, 5000);
  await prepareDatabase(db.adminUrl, { credentials, version: 2 });
  const promote = async (version: number, build: number) =>
    (await db.projector.query("select writ_projection.promote('rm', $1, $2) as ok", [version, build])).rows[0]
      .ok;
  expect(await promote(2, 1)).toBe(false);
  expect(await promote(3, 1)).toBe(false);
  expect((await states())[0]).toEqual({ schema: 'rm_v1_b1', state: 'live' });
});
