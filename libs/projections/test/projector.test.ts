// What a projector makes of a ledger: rows, exactly once, and standing still where it must.
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  handlers,
  type ProjectionFault,
  type Projector,
  type ProjectorOptions,
  startProjector,
} from '../src/index.js';
import { AGENT, createChain, ENV, type TestChain } from './chain.js';
import { dump, freshDatabase, type TestDatabase } from './database.js';
import { arraySource } from './source.js';
import { acknowledge, act, day, decide, found, halt, registry } from './story.js';

let server: TestPostgres;
let db: TestDatabase;
let chain: TestChain;
const running: Projector[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  db = await freshDatabase(server);
  chain = createChain();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((p) => p.stop()));
  await db.close();
});

const start = (options: Partial<ProjectorOptions> = {}): Projector => {
  const projector = startProjector({
    pool: db.projector,
    source: arraySource(chain.messages),
    roots: chain.roots,
    lingerMs: 5,
    ...options,
  });
  running.push(projector);
  return projector;
};

const project = async (options: Partial<ProjectorOptions> = {}): Promise<Projector> => {
  const projector = start(options);
  expect(await projector.reached(chain.messages.length, 10_000), String(projector.fault())).toBe(true);
  return projector;
};

const fault = async (projector: Projector): Promise<ProjectionFault | undefined> => {
  for (let n = 0; n < 200 && projector.fault() === undefined; n += 1)
    await new Promise((r) => setTimeout(r, 25));
  return projector.fault();
};

const rows = async (sql: string) => (await db.admin.query(sql)).rows;

describe('projecting', () => {
  it('turns a day of the ledger into rows of every table, and keeps the exact bytes', async () => {
    day(chain);
    await project();
    const tables = await dump(db.admin, 'rm');
    const empty = Object.entries(tables).filter(([, lines]) => lines.length === 0);
    expect(empty.map(([name]) => name).sort()).toEqual(['gate_definitions', 'preserved']);
    expect(await rows('select code from rm.junk')).toEqual([{ code: 'WRIT-FRM-001' }]);
    const kept = await rows(
      'select seq, frame from rm.events union all select seq, frame from rm.junk order by seq',
    );
    expect(kept).toHaveLength(chain.messages.length);
    for (const { seq, frame } of kept) {
      expect(Buffer.compare(frame, Buffer.from(chain.messages[seq - 1]!.bytes))).toBe(0);
    }
  });

  it('keeps verdict, receipt and outcome of an action in one row', async () => {
    found(chain);
    const asked = act(chain);
    await project();
    const [row] = await rows('select * from rm.actions');
    expect(row).toMatchObject({
      agent: AGENT,
      environment: ENV,
      intent_id: asked.intentId,
      tool: 'postgres',
      verdict: 'permitted',
      codes: ['rule-permits'],
      receipt_id: `${asked.intentId}.authority.0`,
      outcome: 'succeeded',
      effects: [{ resource: 'db:orders/42', operation: 'read', count: 1 }],
    });
  });

  it('lets the first decision of an intent stand, also when a second one is in the chain', async () => {
    found(chain);
    const { intentId } = decide(chain, { verdict: 'denied' });
    decide(chain, { intentId, verdict: 'permitted' });
    await project();
    expect(await rows('select verdict from rm.actions')).toEqual([{ verdict: 'denied' }]);
  });

  it('counts junk of every kind and gives it no effect', async () => {
    found(chain);
    act(chain);
    const permitted = chain.messages.at(-3)!;
    chain.raw(permitted.subject, permitted.bytes);
    chain.raw(`gov.ledger.decision.acme.shop.test`, permitted.bytes);
    chain.append({ type: 'writ.decision.permitted.v1', by: chain.keys['agent']!, agent: AGENT, data: {} });
    await project();
    const codes = (await rows('select code from rm.junk order by seq')).map(({ code }) => code);
    expect(codes).toEqual(['WRIT-ADM-003', 'WRIT-FRM-008', 'WRIT-FRM-007']);
    expect(await rows('select count(*) as n from rm.actions')).toEqual([{ n: 1 }]);
  });

  it('goes on behind a text with NUL and a time that no calendar has', async () => {
    found(chain);
    decide(chain, { model: 'a\u0000b\\u0000' });
    halt(chain, 'halt-1');
    acknowledge(chain, ['halt-1'], AGENT, '2026-02-31T10:00:00.000Z');
    await project();
    const [event] = await rows(
      "select data #>> '{intent,signed,data,reasoning,model}' as model from rm.events where family = 'decision'",
    );
    expect(event).toEqual({ model: 'a\ufffdb\\u0000' });
    expect(await rows('select count(*) as n from rm.acknowledgements')).toEqual([{ n: 1 }]);
  });

  it('voids what a key signed after its revocation, and what a distrust reaches back to', async () => {
    found(chain);
    act(chain, { resource: 'db:orders/1' });
    const from = chain.messages.length + 1;
    act(chain, { resource: 'db:orders/2' });
    registry(chain, 'key-distrusted', { kid: chain.keys['decision']!.kid, from, reason: 'compromised' });
    decide(chain, { resource: 'db:orders/3' });
    await project();
    expect(await rows('select resource from rm.actions')).toEqual([{ resource: 'db:orders/1' }]);
    const voided = await rows('select seq, void_code from rm.events where void order by seq');
    expect(voided.map(({ seq }) => seq)).toEqual([from, chain.messages.length]);
  });
});

describe('exactly-once effect', () => {
  it('restarts from its checkpoint and judges what follows as if it had never stopped', async () => {
    day(chain);
    const all = [...chain.messages];
    for (const cut of [1, 9, 17, 30, all.length]) {
      const first = start({ source: arraySource(all.slice(0, cut)) });
      expect(await first.reached(cut, 5000)).toBe(true);
      await first.stop();
    }
    const other = await freshDatabase(server);
    const once = startProjector({ pool: other.projector, source: arraySource(all), roots: chain.roots });
    running.push(once);
    expect(await once.reached(all.length, 5000)).toBe(true);
    expect(await dump(db.admin, 'rm_v1_b1')).toEqual(await dump(other.admin, 'rm_v1_b1'));
    await once.stop();
    await other.close();
  });

  it('holds with two competing projectors: every message is taken once', async () => {
    found(chain);
    const source = arraySource(chain.messages);
    const two = [start({ source, batchMessages: 7 }), start({ source, batchMessages: 5 })];
    for (let n = 0; n < 60; n += 1) {
      act(chain, { resource: `db:orders/${n}` });
      source.wake();
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    for (const p of two) expect(await p.reached(chain.messages.length, 20_000), String(p.fault())).toBe(true);
    expect(two.map((p) => p.fault())).toEqual([undefined, undefined]);
    expect(await rows('select count(*) as n, max(seq) as last from rm.events')).toEqual([
      { n: chain.messages.length, last: chain.messages.length },
    ]);
    expect(await rows("select count(*) as n from rm.actions where outcome = 'succeeded'")).toEqual([
      { n: 60 },
    ]);
  });
});

describe('standing still', () => {
  it('refuses a ledger that went backwards', async () => {
    day(chain);
    await (await project()).stop();
    const short = start({ source: arraySource(chain.messages.slice(0, -3)) });
    expect(await fault(short)).toMatchObject({ code: 'WRIT-PRJ-002' });
  });

  it('refuses a ledger that goes backwards while it follows', async () => {
    day(chain);
    const source = arraySource([...chain.messages]);
    const projector = await project({ source, watchMs: 20 });
    source.messages.splice(-2);
    expect(await fault(projector)).toMatchObject({ code: 'WRIT-PRJ-002' });
  });

  it('refuses a ledger whose message at the checkpoint is another', async () => {
    day(chain);
    await (await project()).stop();
    const changed = [...chain.messages];
    const last = changed.pop()!;
    changed.push({ ...last, bytes: Buffer.concat([last.bytes, Buffer.from(' ')]) });
    expect(await fault(start({ source: arraySource(changed) }))).toMatchObject({ code: 'WRIT-PRJ-002' });
  });

  it('stops at an event whose handler fails, keeps what was before it, and never skips', async () => {
    found(chain);
    act(chain);
    const failing = {
      ...handlers,
      outcome: () => {
        throw new Error('broken');
      },
    };
    act(chain);
    const projector = start({ handlers: failing });
    expect(await fault(projector)).toMatchObject({ code: 'WRIT-PRJ-001' });
    const at = chain.messages.findIndex(({ subject }) => subject.includes('.outcome.'));
    expect(await rows('select seq from rm.checkpoint')).toEqual([{ seq: at }]);
    await projector.stop();
    await project();
    expect(await rows('select count(*) as n from rm.actions where outcome is not null')).toEqual([{ n: 2 }]);
  });

  it('goes on by itself when Postgres was away', async () => {
    found(chain);
    const source = arraySource(chain.messages);
    const projector = await project({ source });
    await server.restart();
    act(chain);
    source.wake();
    expect(await projector.reached(chain.messages.length, 15_000), String(projector.fault())).toBe(true);
  });
});
