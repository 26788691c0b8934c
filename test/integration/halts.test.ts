// Halts on a running plane: who stops, who does not, what is recorded, and what alone lets them go on.
import type { WritClient } from '@writ/client';
import { environmentOf, subjects } from '@writ/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { documentOf, type Signed } from '../harness/answer.js';
import type { Asker, MadeIntent } from '../harness/asker.js';
import { itLeavesAValidLedger } from '../harness/audit.js';
import { boundary, gate } from '../harness/documents.js';
import { Event, OPS, READ, useShop } from '../harness/shop.js';

const SECOND = 'acme.shop.prod.second';
const STAGING = 'acme.shop.staging.ops';
const STORE = 'acme.ware.prod.ops';
const AGENTS = [OPS, SECOND, STAGING, STORE];
const environments = [
  { project: 'shop', environment: 'prod' },
  { project: 'shop', environment: 'staging' },
  { project: 'ware', environment: 'prod' },
];
const shop = useShop({ agents: AGENTS, environments, documents: [gate('people'), boundary('shop', 'acme')] });
const raw = new Map<string, Asker>();

beforeAll(async () => {
  for (const agent of AGENTS) raw.set(agent, await shop().plane.raw(agent));
});

const asker = (agent: string): Asker => raw.get(agent) as Asker;
const haltOf = (fact: Signed): string => String(fact.data['halt']);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A permitted intent of every agent, so that only a halt can be the reason why it gets no receipt. */
const permitted = async (wanted = READ): Promise<ReadonlyMap<string, MadeIntent>> => {
  const made = AGENTS.map(async (agent) => {
    const intent = await asker(agent).decide(wanted);
    expect(intent.answer.first.type, agent).toBe(Event.permitted);
    return [agent, intent] as const;
  });
  return new Map(await Promise.all(made));
};

/** The agents that get no receipt because of a halt. */
const halted = async (intents: ReadonlyMap<string, MadeIntent>): Promise<readonly string[]> => {
  const answers = [...intents].map(
    async ([agent, intent]) => [agent, await asker(agent).receipt(intent)] as const,
  );
  return (await Promise.all(answers)).filter(([, a]) => a.code === 'WRIT-RCP-006').map(([agent]) => agent);
};

/** The halts that the ledger shows as engaged and not released. */
const inForce = async (): Promise<readonly string[]> => {
  const facts = await shop().plane.ledger.of(Event.halted, Event.released);
  const gone = facts.flatMap((e) =>
    e.document.type === Event.released ? (e.document.data['halts'] as string[]) : [],
  );
  return [
    ...new Set(facts.filter((e) => e.document.type === Event.halted).map((e) => haltOf(e.document))),
  ].filter((halt) => !gone.includes(halt));
};

/** Waits until halts are recorded, then releases all as alice, and waits until every agent gets receipts again. */
const releaseAll = async (scope: string): Promise<void> => {
  await expect.poll(async () => (await inForce()).length).toBeGreaterThan(0);
  await pause(100);
  const { code } = await shop().alice.release(scope, await inForce());
  expect(code).toBeUndefined();
  for (const agent of AGENTS)
    await expect.poll(async () => (await asker(agent).decide(READ)).answer.first.type).toBe(Event.permitted);
};

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
    const { first } = await asker(OPS)
      .decide({ ...READ, operation: 'update' })
      .then((made) => made.answer);
    expect(first.type).toBe(Event.denied);
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
    expect((await asker(OPS).decide(READ)).answer.first.data['codes']).toContain('halted');
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
    expect((await asker(OPS).decide(READ)).answer.first.data['codes']).toContain('halted');
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

describe('an agent', () => {
  const intent = {
    action: { tool: 'psql', operation: READ.operation, resource: READ.resource, args: READ.args },
  };
  const isOpen = (client: WritClient) => () => client.status().gate.kind;

  it('acknowledges, hands its state over, stays halted over a restart, and gets its state back after the release', async () => {
    const { plane, oncall, alice } = shop();
    const first = await plane.agent(OPS, { preserveState: () => ({ step: 7, todo: ['b', 'c'] }) });
    const [fact] = await oncall.haltRequest(OPS);
    const name = haltOf(fact as Signed);
    const about = (type: string) =>
      plane.ledger.until(
        (e) => e.document.type === type && (e.document.data['halts'] as string[]).includes(name),
        type,
      );
    expect((await about('writ.stop.acknowledged.v1')).document.data).toMatchObject({
      agent: OPS,
      state: 'idle',
    });
    const kept = await plane.ledger.until(
      (e) => e.document.type === 'writ.stop.state-preserved.v1',
      'the state',
    );
    expect(kept.text).not.toContain('todo');
    await first.close();

    let restored: unknown;
    const restoreState = (value: unknown): void => {
      restored = value;
    };
    const second = await plane.agent(OPS, { restoreState });
    expect(second.status().gate).toMatchObject({ kind: 'closed', code: 'WRIT-ENF-001' });
    expect(await second.authorize(intent)).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-001' });
    expect(restored).toBeUndefined();
    await alice.release(OPS, [name]);
    await expect.poll(isOpen(second), { timeout: 5000 }).toBe('open');
    await expect.poll(() => restored, { timeout: 5000 }).toEqual({ step: 7, todo: ['b', 'c'] });
    await plane.ledger.until((e) => e.document.type === 'writ.stop.state-restored.v1', 'the restoration');
    expect((await second.authorize(intent)).kind).toBe('permitted');
    await second.close();
  });

  it('is told and aborted at once; one beside it works on', async () => {
    const { plane, oncall } = shop();
    const [stopped, working] = [await plane.agent(OPS), await plane.agent(STORE)];
    const run = async (client: WritClient) => {
      const authorised = await client.authorize(intent);
      if (authorised.kind !== 'permitted') throw new Error(authorised.kind);
      return client.execute(authorised.handle, async (_, { signal }) => {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
          setTimeout(resolve, 1500);
        });
        return signal.aborted;
      });
    };
    const running = [run(stopped), run(working)];
    await expect.poll(() => stopped.status().running + working.status().running).toBe(2);
    const at = performance.now();
    await oncall.halt(OPS);
    expect(await running[0]).toMatchObject({ value: true });
    expect(performance.now() - at).toBeLessThan(1200);
    expect(await running[1]).toMatchObject({ kind: 'executed', value: false });
    await releaseAll('acme');
    await Promise.all([stopped.close(), working.close()]);
  });

  it('that is there and does not acknowledge is recorded as unconfirmed', async () => {
    const { plane, oncall } = shop();
    await asker(SECOND).state();
    const [fact] = await oncall.haltRequest(SECOND);
    const silent = await plane.ledger.until(
      (e) =>
        e.document.type === 'writ.stop.unconfirmed.v1' &&
        (e.document.data['halts'] as string[]).includes(haltOf(fact as Signed)),
      'the silence',
      8000,
    );
    expect(silent.document.data['agents']).toEqual([SECOND]);
    await releaseAll('acme');
  });
});

describe('the kill switch', () => {
  it('killed and started again has every halt in force, and releases what it did not hear itself', async () => {
    const { plane, oncall } = shop();
    await oncall.haltRequest(STAGING);
    await plane.kill('kill-switch');
    const state = await asker(STAGING).state();
    expect(state.first.data['halts']).toHaveLength(1);
    expect((await asker(STAGING).decide(READ)).answer.first.data['codes']).toContain('halted');
    await releaseAll('acme');
  });

  it('records what was published while it was down before it renews any lease', async () => {
    const { plane, oncall } = shop();
    const leases: Signed[] = [];
    asker(OPS).bus.subscribe(subjects.lease(environmentOf(OPS)), {
      callback: (_, message) => void leases.push(documentOf(message.data)),
    });
    await asker(OPS).bus.flush();
    const died = Date.now();
    const back = plane.kill('kill-switch');
    await oncall.halt(OPS, '{"reason":"nobody home"}');
    await back;
    await expect.poll(() => leases.filter((l) => Date.parse(l.time) > died + 50).length).toBeGreaterThan(0);
    const [fact] = (await plane.ledger.of(Event.halted)).slice(-1);
    expect(fact?.document.data['scope']).toBe(OPS);
    const renewed = leases.find((l) => Date.parse(l.time) > died + 50);
    expect(renewed?.data['haltPosition']).toBe(fact?.seq);
    expect((await asker(OPS).decide(READ)).answer.first.data['codes']).toContain('halted');
    await releaseAll('acme');
  });
});

itLeavesAValidLedger(() => shop().plane);
