// Three environments with four agents for the tests of halts, and the questions that those tests ask.
import { beforeAll, expect } from 'vitest';
import type { Signed } from './answer.js';
import type { Asker, MadeIntent } from './asker.js';
import { boundary, gate } from './documents.js';
import { Event, OPS, READ, useShop } from './shop.js';

export const SECOND = 'acme.shop.prod.second';
export const STAGING = 'acme.shop.staging.ops';
export const STORE = 'acme.ware.prod.ops';
export const AGENTS = [OPS, SECOND, STAGING, STORE];
const environments = [
  { project: 'shop', environment: 'prod' },
  { project: 'shop', environment: 'staging' },
  { project: 'ware', environment: 'prod' },
];

/** The name of the halt that a fact is about. */
export const haltOf = (fact: Signed): string => String(fact.data['halt']);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Brings the shop up with these environments, before the tests of a file. */
export const useHaltWorld = () => {
  const shop = useShop({
    agents: AGENTS,
    environments,
    documents: [gate('people'), boundary('shop', 'acme')],
  });
  const raw = new Map<string, Asker>();

  beforeAll(async () => {
    for (const agent of AGENTS) raw.set(agent, await shop().plane.raw(agent));
  });

  const asker = (agent: string): Asker => raw.get(agent) as Asker;

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

  /** Receipts stop on sight of a halt; decisions once the ledger has shown it to the decision service. */
  const isDenied = (agent: string) =>
    expect
      .poll(async () => (await asker(agent).decide(READ)).answer.first.data['codes'], { interval: 20 })
      .toContain('halted');

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
      await expect
        .poll(async () => (await asker(agent).decide(READ)).answer.first.type)
        .toBe(Event.permitted);
  };

  return { shop, asker, permitted, halted, isDenied, inForce, releaseAll };
};
