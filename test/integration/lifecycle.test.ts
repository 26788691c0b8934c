// What changes while the plane runs: boundaries, gates, conduct, outcomes that nobody reports, agents that go. Nothing is restarted.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Signed } from '../harness/answer.js';
import type { Asker, MadeIntent } from '../harness/asker.js';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { boundary, gate, rule, shopRules } from '../harness/documents.js';
import { DELETE, DROP, ENV, Event, OPS, READ, SECRET, shopBoundary, useShop } from '../harness/shop.js';

const WAITER = `${ENV}.waiter`;
const BARE = 'acme.bare.dev.ops';
const GATED = `${ENV}.gated`;
const LEAVER = `${ENV}.leaver`;
const TIDY = `${ENV}.tidy`;
const quick = (name: string, fallback: 'deny' | 'allow') => gate(name, { deadlineSeconds: 1, fallback });
const gated = (id: string, more: Partial<Parameters<typeof rule>[0]>) =>
  rule({ id, resource: 'db:shop/**', operations: [id], effect: 'gate', ...more });
const gates = boundary('gated', GATED, {
  rules: [
    gated('refuse', { gate: 'quick-deny' }),
    gated('allow-low', { gate: 'quick-allow', lowRisk: true }),
    gated('allow-high', { gate: 'quick-allow' }),
    gated('freeze', { gate: 'quick-deny' }),
  ],
});
const shop = useShop({
  agents: [OPS, WAITER, BARE, GATED, LEAVER, TIDY],
  environments: [
    { project: 'shop', environment: 'prod' },
    { project: 'bare', environment: 'dev' },
  ],
  documents: [
    ...[
      gate('people'),
      gate('two', { quorum: 2 }),
      quick('quick-deny', 'deny'),
      quick('quick-allow', 'allow'),
    ],
    ...[shopBoundary, gates, boundary('waiting', WAITER, { receiptSeconds: 1 })],
  ],
});

let pids: readonly number[];
let waiter: Asker;
let unreported: Signed;
let issuedAt: number;
const KEY = { idempotencyKey: 'order-66' };

beforeAll(async () => {
  const { plane } = shop();
  pids = [...plane.pids().values()];
  waiter = await plane.raw(WAITER);
  unreported = (await waiter.receiptInTime(await waiter.decide(READ, KEY))).first;
  issuedAt = performance.now();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** What is asked again until it is so: a change is in force once the other services have read it from the ledger. */
const becomes = <T>(ask: () => Promise<T>, want: T) =>
  expect.poll(ask, { timeout: 3000, interval: 20 }).toEqual(want);
const codesOf = ({ data }: Signed): readonly string[] => data['codes'] as string[];
const about = (type: string, intent: MadeIntent) =>
  shop().plane.ledger.until(
    (e) => e.document.type === type && e.document.data['intentId'] === intent.id,
    `${type} of the intent`,
  );

describe('a boundary', () => {
  it('is published, changed and retired while the plane runs, and counts from then on', async () => {
    const { plane } = shop();
    const bare = await plane.raw(BARE);
    const verdict = async () => (await bare.decide(READ)).answer.first;
    const type = async () => (await verdict()).type;
    const codes = async () => codesOf(await verdict());
    expect(await codes()).toEqual(['no-boundary']);
    await plane.publish(boundary('bare', 'acme.bare'));
    await becomes(type, Event.permitted);
    await plane.publish(boundary('bare', 'acme.bare', { rules: [] }));
    await becomes(type, Event.denied);
    await plane.publish(boundary('narrow', BARE));
    await becomes(type, Event.permitted);
    await plane.change({ do: 'retire-boundary', name: 'narrow', scope: BARE });
    await becomes(type, Event.denied);
    await plane.change({ do: 'retire-boundary', name: 'bare', scope: 'acme.bare' });
    await becomes(codes, ['no-boundary']);
  });

  it('that does not hold together is refused, and the one before stays in force', async () => {
    const { alice, ops } = shop();
    const [first = rule({ id: 'x', resource: '**', operations: ['*'], effect: 'deny' })] = shopRules;
    const bad = boundary('shop', ENV, { rules: [{ ...first, when: 'args.secret == 1' }] });
    const { code, first: answer } = await alice.command('registry', {
      do: 'publish-boundary',
      boundary: bad,
    });
    expect(code).toBe('WRIT-REG-006');
    expect(String(answer.data['reason'])).toMatch(/secret|clear/);
    const unknown = boundary('shop', ENV, { default: { effect: 'gate', gate: 'nowhere' } });
    expect(
      (await alice.command('registry', { do: 'publish-boundary', boundary: unknown })).code,
    ).toBeDefined();
    expect((await ops.decide(READ)).answer.first.type).toBe(Event.permitted);
  });

  it('at level 0 lets everything pass and says what it would have done; stale intents and halts stop all the same', async () => {
    const { plane, ops, oncall, alice } = shop();
    const watching = boundary('watching', OPS, { level: 0 });
    await plane.publish(watching);
    const onSecret = async () => (await ops.decide(SECRET)).answer.first.type;
    await becomes(onSecret, Event.permitted);
    const secret = await ops.decide(SECRET);
    expect(codesOf(secret.answer.first)).toContain('would-deny');
    expect((await ops.receiptInTime(secret)).first.type).toBe(Event.issued);
    expect(codesOf((await ops.decide(DROP)).answer.first)).toContain('would-gate');
    expect((await ops.decide(READ, { time: Date.now() - 130_000 })).answer.code).toBe('WRIT-DEC-001');
    const [halt] = await oncall.haltRequest(OPS);
    expect((await ops.receipt(await ops.decide(READ))).first.type).not.toBe(Event.issued);
    await alice.release(OPS, [String(halt?.data['halt'])]);
    await plane.change({ do: 'retire-boundary', name: 'watching', scope: OPS });
    await becomes(onSecret, Event.denied);
  });
});

describe('a gate that nobody answers', () => {
  const asking = async (operation: string) => {
    const agent = await shop().plane.raw(GATED);
    const intent = await agent.decide({ operation, resource: 'db:shop/orders' });
    expect(intent.answer.first.type).toBe(Event.escalated);
    return { agent, intent };
  };

  it('applies its own fallback: deny', async () => {
    const { agent, intent } = await asking('refuse');
    expect((await about(Event.timedOut, intent)).document.data['fallback']).toBe('deny');
    expect((await agent.receiptInTime(intent)).code).toBe('WRIT-RCP-010');
  });

  it('applies its own fallback: allow, but only where the rule is marked as low risk', async () => {
    const low = await asking('allow-low');
    const high = await asking('allow-high');
    expect((await about(Event.timedOut, low.intent)).document.data['fallback']).toBe('allow');
    expect((await about(Event.timedOut, high.intent)).document.data['fallback']).toBe('deny');
    const { first } = await low.agent.receiptInTime(low.intent);
    expect(first.data['who']).toMatchObject({ via: 'timeout-fallback' });
    expect((await high.agent.receiptInTime(high.intent)).code).toBe('WRIT-RCP-010');
  });

  it('does not run while a halt covers the action, takes no vote then, and goes on with the time that was left', async () => {
    const { oncall, alice, bob, plane } = shop();
    const { agent, intent } = await asking('freeze');
    const opened = (await about(Event.opened, intent)).document;
    const [halt] = await oncall.haltRequest(GATED);
    await about('writ.approval.frozen.v1', intent);
    await pause(1300);
    expect((await bob.vote(opened, 'approve')).code).toBe('WRIT-APR-007');
    expect((await plane.ledger.of(Event.timedOut)).map((e) => e.document.data['intentId'])).not.toContain(
      intent.id,
    );
    await alice.release(GATED, [String(halt?.data['halt'])]);
    await about('writ.approval.thawed.v1', intent);
    await bob.vote(opened, 'approve');
    expect((await agent.receiptInTime(intent)).first.type).toBe(Event.issued);
  });
});

describe('a burst of deletes', () => {
  it('is flagged, sends the next consequential action to a gate and leaves reads alone, and an approval clears it', async () => {
    const { plane, bob } = shop();
    const tidy = await plane.raw(TIDY);
    for (let n = 0; n < 5; n += 1)
      expect((await tidy.decide(DELETE)).answer.first.type).toBe(Event.permitted);
    const flag = await plane.ledger.until((e) => e.document.type === 'writ.conduct.flagged.v1', 'the flag');
    expect(flag.document.data).toMatchObject({ agent: TIDY, detector: 'irreversible-burst', observed: 5 });
    await becomes(async () => (await tidy.decide(DELETE)).answer.first.type, Event.escalated);
    const next = await tidy.decide(DELETE);
    expect(next.answer.first.type).toBe(Event.escalated);
    expect((await tidy.decide(READ)).answer.first.type).toBe(Event.permitted);
    expect((await tidy.state()).first.data['containment']).toBe('gate');
    await bob.vote((await about(Event.opened, next)).document, 'approve');
    expect((await tidy.receiptInTime(next)).first.type).toBe(Event.issued);
    await becomes(async () => (await tidy.state()).first.data['containment'], 'watch');
    await becomes(async () => (await tidy.decide(DELETE)).answer.first.type, Event.permitted);
  });
});

describe('an agent', () => {
  it('that is retired is decided nothing any more', async () => {
    const { plane } = shop();
    const leaver = await plane.raw(LEAVER);
    const intent = await leaver.decide(READ);
    expect(intent.answer.first.type).toBe(Event.permitted);
    await plane.change({ do: 'retire-agent', agent: LEAVER });
    await becomes(async () => (await leaver.decide(READ)).answer.first.type === Event.permitted, false);
    // The receipt ledger's view may be up to 2 s old (invariant 1).
    await pause(2_100);
    expect((await leaver.receipt(intent)).first.type).not.toBe(Event.issued);
  });
});

describe('an outcome that nobody reports', () => {
  it('is recorded as unknown a minute after the receipt ended; a blind retry waits until a person has reconciled it', async () => {
    const { plane, alice } = shop();
    const retry = await waiter.decide(READ, KEY);
    await expect
      .poll(async () => (await plane.ledger.of('writ.outcome.unknown.v1')).length, {
        timeout: 80_000,
        interval: 500,
      })
      .toBe(1);
    expect(performance.now() - issuedAt).toBeGreaterThan(60_000);
    const intentId = String(unreported.data['intentId']);
    const [unknown] = await plane.ledger.of('writ.outcome.unknown.v1');
    expect(unknown?.document.data).toMatchObject({ intentId, receipt: unreported.id });
    expect((await waiter.receipt(retry)).code).toBe('WRIT-RCP-014');
    const reconcile = { do: 'reconcile' as const, environment: ENV, intentId, status: 'failed' as const };
    const done = await alice.command('receipt-ledger', { ...reconcile, reason: { _sd: [] } });
    expect(done.first.type).toBe('writ.outcome.reconciled.v1');
    expect((await waiter.receiptInTime(retry)).first.type).toBe(Event.issued);
  }, 90_000);
});

describe('the processes', () => {
  it('are the same as before all this', () => {
    expect([...shop().plane.pids().values()]).toEqual(pids);
  });

  it('one that was away records as denied what nobody answered in time', async () => {
    const { plane, ops } = shop();
    const back = plane.kill('decision');
    const late = ops.intent(READ, { deadlineMs: 150 });
    const answer = ops.sendIntent(late, 1000).catch(() => undefined);
    await back;
    expect(await answer).toBeUndefined();
    const denied = await plane.ledger.until(
      (e) => e.document.id.startsWith(`${late.id}.decision.`),
      'the denial',
    );
    expect(denied.document.type).toBe(Event.denied);
    expect(codesOf(denied.document)).toEqual(['undecided-in-time', 'deadline-passed']);
  });
});

itLeavesAValidLedger(() => shop().plane);
