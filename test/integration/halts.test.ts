// Halts on a running plane: who stops, who does not, what is recorded, and what alone lets them go on.
import { subjects } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import type { Signed } from '../harness/answer.js';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { AGENTS, haltOf, SECOND, STAGING, useHaltWorld } from '../harness/halting.js';
import { Event, OPS, READ } from '../harness/shop.js';

const { shop, asker, permitted, halted, isDenied, releaseAll } = useHaltWorld();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a plain publish', () => {
  const scopes: readonly (readonly [string, readonly string[]])[] = [
    [OPS, [OPS]],
    ['acme.shop.prod', [OPS, SECOND]],
    ['acme.shop', [OPS, SECOND, STAGING]],
    ['acme', AGENTS],
  ];
  for (const [scope, stopped] of scopes) {
    it(`on ${scope} stops ${stopped.length} of ${AGENTS.length} agents, those beneath it and no other, at once`, async () => {
      const intents = await permitted();
      await shop().alice.halt(scope);
      expect(await halted(intents)).toEqual(stopped);
      await releaseAll(scope);
    });
  }

  it('with a body that means nothing stops the full scope', async () => {
    const bodies = [
      '',
      'help',
      '{"tool":5}',
      '{"tool":{"resource":"db:shop/orders"}}',
      '[[[[',
      '\u0000\u0001{',
    ];
    for (const body of bodies) {
      const intents = await permitted();
      await shop().oncall.halt('acme.shop.prod', body);
      expect(await halted(intents), JSON.stringify(body)).toEqual([OPS, SECOND]);
      await releaseAll('acme');
    }
  });

  it('narrowed to a tool stops matching actions only', async () => {
    const { oncall } = shop();
    const [reads, updates] = [await permitted(), await permitted({ ...READ, operation: 'update' })];
    await oncall.halt('acme.shop.prod', '{"tool":{"resource":"db:shop/*","operation":"update"}}');
    expect(await halted(reads)).toEqual([]);
    expect(await halted(updates)).toEqual([OPS, SECOND]);
    const update = async () => (await asker(OPS).decide({ ...READ, operation: 'update' })).answer.first.type;
    await expect.poll(update, { interval: 20 }).toBe(Event.denied);
    await releaseAll('acme');
  });

  it('is recorded once in every environment that it covers, however many come at once', async () => {
    const { alice, plane } = shop();
    const before = (await plane.ledger.of(Event.halted)).length;
    for (let n = 0; n < 100; n += 1)
      alice.bus.publish(subjects.halt('alice', 'acme'), `{"reason":"${n % 10}"}`);
    await alice.bus.flush();
    await expect
      .poll(async () => (await plane.ledger.of(Event.halted)).length, { timeout: 15_000 })
      .toBeGreaterThanOrEqual(before + 300);
    await pause(1500);
    const facts = (await plane.ledger.of(Event.halted)).slice(before);
    expect(facts).toHaveLength(300);
    const names = new Set(facts.map((e) => haltOf(e.document)));
    expect([...names].filter((name) => name.startsWith('halt-own-'))).toEqual([]);
    expect(names.size).toBe(100);
    for (const part of [[...names].slice(0, 64), [...names].slice(64)])
      expect((await alice.release('acme', part)).code).toBeUndefined();
  });
});

describe('a halt sent as a request', () => {
  it('is answered with its facts, one per environment, after they are in the ledger', async () => {
    const { alice, plane } = shop();
    const facts = await alice.haltRequest('acme');
    const stored = (await plane.ledger.of(Event.halted)).map((e) => e.document.id);
    expect(facts.map((fact) => fact.data['environment'])).toEqual([
      'acme.shop.prod',
      'acme.shop.staging',
      'acme.ware.prod',
    ]);
    for (const fact of facts) expect(stored).toContain(fact.id);
    await releaseAll('acme');
  });
});

describe('a release', () => {
  it('releases the halt that it names and no other that covers the same agent', async () => {
    const { alice, oncall } = shop();
    const [one] = await oncall.haltRequest(OPS);
    const [two] = await alice.haltRequest('acme.shop.prod');
    await alice.release(OPS, [haltOf(one as Signed)]);
    await pause(100);
    await isDenied(OPS);
    await alice.release('acme.shop.prod', [haltOf(two as Signed)]);
    await expect.poll(async () => (await asker(OPS).decide(READ)).answer.first.type).toBe(Event.permitted);
  });

  it('needs an operator of the scope, and a scope as wide as the halt', async () => {
    const { alice, bob, oncall } = shop();
    const [fact] = await oncall.haltRequest('acme.shop');
    const name = haltOf(fact as Signed);
    for (const person of [bob, oncall])
      expect((await person.release('acme.shop', [name])).code).toBe('WRIT-HLT-002');
    expect((await alice.release(OPS, [name])).code).toBe('WRIT-HLT-002');
    expect((await alice.release('acme.shop', ['halt-999999'])).code).toBe('WRIT-HLT-001');
    await isDenied(OPS);
    await releaseAll('acme.shop');
  });
});

describe('an environment', () => {
  it('created under a halt of the organisation begins halted and is free after the release', async () => {
    const { alice, plane } = shop();
    const [fact] = await alice.haltRequest('acme');
    await plane.change({ do: 'create-environment', project: 'ware', environment: 'new' });
    await plane.addAgent('acme.ware.new.ops');
    const agent = await plane.raw('acme.ware.new.ops');
    await plane.ledger.until(
      (e) => e.subject.endsWith('ware.new') && e.document.type === 'writ.authority.environment-opened.v1',
      'the opening',
    );
    await expect.poll(async () => (await agent.decide(READ)).answer.first.data['codes']).toContain('halted');
    expect((await alice.release('acme', [haltOf(fact as Signed)])).code).toBeUndefined();
    await expect.poll(async () => (await agent.decide(READ)).answer.first.type).toBe(Event.permitted);
    expect((await agent.receiptInTime(await agent.decide(READ))).first.type).toBe(Event.issued);
  });

  it('created in a project that was halted while it had none begins halted, and can be released', async () => {
    const { alice, plane } = shop();
    await plane.change({ do: 'create-project', project: 'lab' });
    await alice.halt('acme.lab');
    await plane.change({ do: 'create-environment', project: 'lab', environment: 'dev' });
    const fact = await plane.ledger.until(
      (e) => e.document.type === Event.halted && e.subject.endsWith('acme.lab.dev'),
      'the halt',
    );
    await plane.addAgent('acme.lab.dev.ops');
    const agent = await plane.raw('acme.lab.dev.ops');
    expect((await alice.release('acme.lab', [haltOf(fact.document)])).code).toBeUndefined();
    await expect.poll(async () => (await agent.decide(READ)).answer.first.type).toBe(Event.permitted);
    expect((await agent.receiptInTime(await agent.decide(READ))).first.type).toBe(Event.issued);
  });
});

itLeavesAValidLedger(() => shop().plane);
