// Every intake under ten thousand hostile messages: nothing throws, every message is accounted for, nothing leaks, the right ones pass.
import { Codes, type LiveKind, type ParsedSubject, parseHaltBody, subjects } from '@writ/contracts';
import { importPublic, openFrame } from '@writ/crypto';
import type { RegistryKey } from '@writ/domain';
import { createIntake, systemClock } from '@writ/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchLeases } from '../../services/receipt-ledger/src/lease-watch.js';
import { hearHalts } from '../../services/receipt-ledger/src/live-halts.js';
import { documentOf } from '../harness/answer.js';
import { type Arrival, arrivals, type Keys, rightful } from '../harness/hostile.js';
import { type QuietPlane, quietPlane } from '../harness/quiet-plane.js';
import { ENV, OPS, PROXY } from '../harness/shop.js';
import { MARK, type Specimen, specimens } from '../harness/specimens.js';

const BATCH = 50;
const RUNS = 200;
const OTHER = `${ENV}.other`;
const GONE = `${ENV}.gone`;

let quiet: QuietPlane;
/** A second passes with every look at it: the token buckets are always full. */
let mono = 0;

beforeAll(async () => {
  const members = { agents: [OPS, OTHER], points: [PROXY], people: ['bob', 'carol'], revoked: [GONE] };
  const clock = { now: () => Date.now(), mono: () => (mono += 1000) };
  quiet = await quietPlane('decision', members, clock);
});
afterAll(() => quiet?.stop());

const mayHold = (kind: LiveKind) => (key: RegistryKey, sender: ParsedSubject) => {
  if (kind === 'vote' || kind === 'command')
    return key.role === 'person' && 'person' in sender && key.holder === sender.person;
  const roles = kind === 'intent' ? ['agent'] : ['agent', 'enforcement-point'];
  return roles.includes(key.role) && 'asker' in sender && key.holder === sender.asker;
};

const keysFor = ({ sender }: Specimen): Keys => {
  const others = [
    OPS,
    OTHER,
    GONE,
    PROXY,
    'alice',
    'bob',
    'carol',
    'svc:decision',
    'svc:kill-switch',
    'svc:root',
  ];
  return { own: quiet.key(sender), wrong: others.filter((name) => name !== sender).map(quiet.key) };
};

const counted = async (): Promise<ReadonlyMap<string, number>> => {
  const metric = await quiet.plane.metrics.registry.getSingleMetric('writ_refused_total')?.get();
  return new Map((metric?.values ?? []).map(({ labels, value }) => [String(labels['code']), value]));
};
const total = async (): Promise<number> => [...(await counted()).values()].reduce((sum, n) => sum + n, 0);

/** Delivers a batch and waits until every message was either handled or refused and counted. */
const settle = async (batch: readonly Arrival[], handled: () => number): Promise<number> => {
  const before = (await total()) + handled();
  const heard = batch.filter(
    ({ subject, data, reply }) => quiet.bus.deliver(subject, data, reply) > 0,
  ).length;
  const end = performance.now() + 5000;
  while ((await total()) + handled() - before < heard) {
    if (performance.now() > end)
      throw new Error('a message was lost: neither handled nor counted as refused');
    await new Promise((resolve) => setImmediate(resolve));
  }
  return heard;
};

/** What must be true of every answer: to the sender's own inbox, signed, a code of the table, nothing of the message. */
const checkAnswers = (specimen: Specimen, { x }: { readonly x: string }): number => {
  const key = importPublic(x);
  const answers = quiet.bus.taken();
  for (const { subject, data } of answers) {
    expect(subject).toBe(`_INBOX.${specimen.sender}.1`);
    const text = Buffer.from(data).toString('utf8');
    expect(text).not.toContain(MARK);
    if (text === 'handled') continue;
    expect(openFrame(data, 'application/vnd.writ.refusal+json', key).ok).toBe(true);
    expect(Object.keys(Codes)).toContain(documentOf(data).data['code']);
  }
  return answers.length;
};

describe('ten thousand hostile messages to the intake of', () => {
  for (const [name, specimen] of Object.entries(specimens)) {
    it(`${name}: all refused with a code and counted, none answered elsewhere, logged or acted upon`, async () => {
      const { kind, subject } = specimen();
      const keys = keysFor(specimen());
      const handled: string[] = [];
      const pattern = subject
        .split('.')
        .map((token, n, all) =>
          n < all.length - (kind === 'vote' || kind === 'command' ? 1 : 4) ? token : '*',
        );
      const intake = createIntake(quiet.plane, {
        kind,
        subject: pattern.join('.'),
        mayHold: mayHold(kind),
        handle: async ({ document }) => {
          handled.push(document.id);
          return { kind: 'frames', frames: [Buffer.from('handled')] };
        },
      });
      const logged = quiet.logs.length;
      const refusedBefore = await total();
      let [cases, good, asked] = [0, 0, 0];
      let answered = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(arrivals(specimen, keys), { minLength: BATCH, maxLength: BATCH }),
          async (batch) => {
            cases += await settle(batch, () => handled.length);
            good += batch.filter((arrival) => arrival.good).length;
            asked += batch.filter((a) => a.reply?.startsWith(`_INBOX.${specimen().sender}.`)).length;
            expect(handled.length).toBe(good);
            answered += checkAnswers(specimen(), quiet.plane.key);
          },
        ),
        { numRuns: RUNS, endOnFailure: true },
      );
      const right = rightful(specimen(), keys);
      await settle(
        [{ how: 'right', subject, data: right, reply: `_INBOX.${specimen().sender}.1`, good: true }],
        () => handled.length,
      );
      expect(handled).toHaveLength(good + 1);
      expect(Buffer.from(quiet.bus.taken()[0]?.data ?? []).toString()).toBe('handled');
      await intake.stop();

      expect(cases).toBeGreaterThanOrEqual(10_000 * 0.99);
      expect(answered).toBeLessThanOrEqual(asked);
      expect((await total()) - refusedBefore).toBe(cases - good);
      for (const code of (await counted()).keys()) expect(Object.keys(Codes)).toContain(code);
      const lines = quiet.logs.slice(logged);
      expect(lines.length).toBeGreaterThanOrEqual(cases - good);
      expect(lines.filter((line) => line.includes(MARK) || line.includes('intake.failed'))).toEqual([]);
    });
  }
});

describe('ten thousand hostile leases to the receipt ledger', () => {
  it('make no environment fresh, are counted, and a right one is believed afterwards', async () => {
    const leases = watchLeases({ ...quiet.plane, clock: systemClock });
    const environments = [ENV, 'acme.shop.other'];
    const lease = (change: object = {}): Specimen => ({
      kind: 'lease',
      subject: subjects.lease(ENV),
      sender: OPS,
      data: { environment: ENV, epoch: 5, haltPosition: 0, validMs: 1500, ...change },
      rest: [],
    });
    const wrong = [OPS, PROXY, 'alice', 'svc:decision', 'svc:receipt-ledger', 'svc:root'].map(quiet.key);
    const keys = { own: quiet.key('svc:kill-switch'), wrong };
    const before = await total();
    let cases = 0;
    const hostile = arrivals(() => lease(), keys).filter(
      (arrival) => !arrival.good && arrival.how !== 'answer elsewhere',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
        cases += await settle(batch, () => 0);
        expect(environments.map(leases.fresh)).toEqual([false, false]);
      }),
      { numRuns: RUNS + 12 },
    );
    expect(cases).toBeGreaterThanOrEqual(10_000);
    expect((await total()) - before).toBe(cases);
    expect(quiet.bus.taken()).toEqual([]);
    const late = (specimen: Specimen): Arrival => ({
      ...{ how: 'late', subject: lease().subject, reply: undefined, good: false },
      data: rightful(specimen, keys),
    });
    const stale = { ...lease(), time: new Date(Date.now() - 60_000).toISOString() };
    await settle([late(stale), late(lease({ environment: 'acme.shop.other' }))], () => 0);
    expect(environments.map(leases.fresh)).toEqual([false, false]);
    quiet.bus.deliver(lease().subject, rightful(lease(), keys));
    await expect.poll(() => environments.map(leases.fresh)).toEqual([true, false]);
    await settle([late(lease({ epoch: 4, haltPosition: 99 }))], () => 0);
    expect(leases.haltPosition(ENV)).toBe(0);
    leases.stop();
  });
});

describe('ten thousand bodies of a halt', () => {
  it('heard by the receipt ledger stop every action beneath, but for those that name a tool well', () => {
    const halts = hearHalts(quiet.plane);
    const action = { operation: 'select', resource: 'db:shop/orders' };
    const agent = (n: number) => `${ENV}.a${n}`;
    let n = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (body) => {
          n += 1;
          quiet.bus.deliver(subjects.halt('bob', agent(n)), body);
          const { tool } = parseHaltBody(Buffer.from(body).toString('utf8'));
          return tool !== undefined || halts.stops(agent(n), action);
        },
      ),
      { numRuns: 10_000 },
    );
    expect(halts.stops(agent(n + 1), action)).toBe(false);
    quiet.bus.deliver('gov.halt.bob.other-org', Buffer.from('{}'));
    expect(halts.stops(agent(n + 1), action)).toBe(false);
    quiet.bus.deliver(subjects.halt('bob', 'acme'), Buffer.from('{}'));
    expect(halts.stops(agent(n + 1), action)).toBe(true);
    halts.stop();
  });

  it('never fail, and whatever is not a well-formed tool halts the full scope', () => {
    const tool = fc.record({ resource: fc.anything(), operation: fc.anything() });
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ tool, reason: fc.anything() }).map((v) => JSON.stringify(v) ?? ''),
    );
    const word = /^[A-Za-z0-9_.:/*@-]{1,200}$/;
    fc.assert(
      fc.property(body, (text) => {
        const read = parseHaltBody(text);
        if (read.tool === undefined) return true;
        return word.test(read.tool.resource) && word.test(read.tool.operation);
      }),
      { numRuns: 10_000 },
    );
    expect(parseHaltBody('{"tool":{"resource":"db:*","operation":"select"}}').tool).toBeDefined();
  });
});
