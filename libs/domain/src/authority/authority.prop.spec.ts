// Random receipts, halts and releases against a plain model: invariants 2 and 3 over whole histories.
import type { Command, ReceiptRequest } from '@writ/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AGENT,
  at,
  command,
  digest,
  ENV,
  escalated,
  following,
  frameOf,
  intentData,
  live,
  nothing,
  OTHER,
  PROXY,
  uuid,
} from '../../test/recording.js';
import type { Recorded } from '../recorded.js';
import {
  authorityInitial,
  decideOpenEnvironment,
  decideReceipt,
  decideRelease,
  evolveAuthority,
  haltDraft,
  haltsInForce,
  type ReceiptInput,
} from './index.js';

const SCOPES = ['acme', 'acme.shop', ENV, AGENT, OTHER, PROXY];
type Tool = { resource: string; operation: string };
type Ask = {
  do: 'ask';
  intent: number;
  agent: string;
  viaProxy: boolean;
  operation: string;
  halts: number[];
};
type Step =
  | { do: 'halt'; n: number; scope: string; tool?: Tool | undefined }
  | { do: 'release'; n: number; halts: number[]; scope: string }
  | Ask;

const number = fc.integer({ min: 1, max: 6 });
const scope = fc.constantFrom(...SCOPES);
const tool = fc.option(fc.constant({ resource: 'db:shop/**', operation: 'delete' }), {
  nil: undefined,
  freq: 3,
});
const halt: fc.Arbitrary<Step> = fc.record({ do: fc.constant('halt' as const), n: number, scope, tool });
const release: fc.Arbitrary<Step> = fc.record({
  ...{ do: fc.constant('release' as const), n: fc.integer({ min: 1000, max: 9999 }), scope },
  halts: fc.uniqueArray(number, { minLength: 1, maxLength: 3 }),
});
const ask: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('ask' as const),
  intent: fc.integer({ min: 11, max: 16 }),
  agent: fc.constantFrom(AGENT, OTHER),
  viaProxy: fc.boolean(),
  operation: fc.constantFrom('delete', 'select'),
  /** Halts that land between the writer's look and its append. */
  halts: fc.array(number, { maxLength: 1 }),
});
const steps = fc.array(fc.oneof(ask, ask, halt, release), { maxLength: 40 });

const haltOf = (n: number, over: string, narrowed?: Tool) =>
  haltDraft({
    ...{
      haltId: `halt-${n}`,
      environment: ENV,
      scope: over,
      tool: narrowed,
      person: 'oncall',
      cause: 'human',
    },
    ...{ reason: nothing, heardAt: at(0) },
  });

const receiptInput = ({ intent, agent, viaProxy, operation }: Ask, n: number): ReceiptInput => {
  const { gate: _, lowRisk: __, ...data } = escalated(intent, { agent });
  const action = { tool: 'sql', operation, resource: 'db:shop/orders/17', args: nothing };
  const asks = { intentId: uuid(intent), agent, argsDigest: data.obligedDigest, expires: at(60_000) };
  const request = live('receipt-request', uuid(n), asks) as ReceiptRequest;
  const ref = { id: `${uuid(intent)}.decision.0`, digest: digest('d'), correlationid: uuid(intent) };
  return {
    ...{
      request,
      frame: frameOf(request),
      now: at(0),
      gate: undefined,
      receiptSeconds: 60,
      objection: undefined,
    },
    asker: viaProxy
      ? { name: PROXY, kid: digest('proxy'), role: 'enforcement-point' }
      : { name: agent, kid: digest(agent), role: 'agent' },
    decision: { ...ref, effect: 'permit', data: { ...data, agent }, intent: intentData({ action }) },
    verdictNow: { effect: 'permit' },
    verdictCurrent: { effect: 'permit', boundaryDigest: digest('boundary') },
    ...{ leaseFresh: true, viewFresh: true, idempotencyUnknown: false },
  };
};

type Standing = { scope: string; tool?: Tool | undefined };
const within = (outer: string, inner: string) => `${inner}.`.startsWith(`${outer}.`);

/** The plain model: a list of halts on a board, and a book of receipts by intent. */
const board = () => {
  const standing = new Map<string, Standing>();
  const ever = new Set<string>();
  const book = new Map<number, string>();
  return {
    names: () => [...standing.keys()].sort(),
    halt: (n: number, over: string, narrowed?: Tool) => {
      if (ever.has(`halt-${n}`)) return;
      ever.add(`halt-${n}`);
      standing.set(`halt-${n}`, { scope: over, tool: narrowed });
    },
    release: (halts: readonly number[], over: string) => {
      const named = halts.map((n) => `halt-${n}`);
      const all = named.every((id) => standing.has(id) && within(over, standing.get(id)?.scope ?? ''));
      if (all) for (const id of named) standing.delete(id);
    },
    /** What the asker must be told. */
    ask: ({ intent, agent, viaProxy, operation }: Ask): string => {
      const who = viaProxy ? PROXY : agent;
      const stops = (h: Standing) =>
        (within(h.scope, agent) || within(h.scope, who)) && (h.tool === undefined || operation === 'delete');
      if ([...standing.values()].some(stops)) return 'WRIT-RCP-006';
      const holder = book.get(intent);
      if (holder === undefined) book.set(intent, who);
      if (holder === undefined) return 'issued';
      return holder === who ? 'known' : 'WRIT-RCP-005';
    },
  };
};

const told = (result: ReturnType<typeof decideReceipt>['result']): string =>
  result.kind === 'refused' ? result.code : result.kind;

const story = () => {
  const ledger = following(authorityInitial, evolveAuthority);
  const registryEvent = { id: `${uuid(3)}.registry.0`, correlationid: uuid(3) };
  const events: Recorded[] = [];
  const tell = (drafts: Parameters<typeof ledger.tell>[0]) => events.push(...ledger.tell(drafts));
  tell(decideOpenEnvironment({ environment: ENV, registryEvent, haltsInForce: [] }, ledger.state).events);
  return { ledger, events, tell };
};

/** One request: the writer looks, halts may land, its append counts only where nothing landed; else it looks again. */
const asks = (
  s: Ask,
  n: number,
  { ledger, tell }: ReturnType<typeof story>,
  model: ReturnType<typeof board>,
) => {
  let looked = decideReceipt(receiptInput(s, n), ledger.state);
  const seen = ledger.seq;
  for (const h of s.halts) {
    tell([haltOf(h, ENV)]);
    model.halt(h, ENV);
  }
  if (ledger.seq !== seen) looked = decideReceipt(receiptInput(s, n), ledger.state);
  tell(looked.events);
  return told(looked.result);
};

const run = (all: readonly Step[]) => {
  const world = story();
  const model = board();
  const answers: string[] = [];
  all.forEach((s, i) => {
    if (s.do === 'halt') {
      world.tell([haltOf(s.n, s.scope, s.tool)]);
      model.halt(s.n, s.scope, s.tool);
    } else if (s.do === 'release') {
      const named = s.halts.map((n) => `halt-${n}`);
      const action = { do: 'release', scope: s.scope, halts: named, reason: nothing };
      const doc = command(s.n * 100 + i, action) as Command;
      const input = { command: doc, signers: [{ person: 'oncall', frame: frameOf(doc) }], authorised: true };
      world.tell(decideRelease({ ...input, environment: ENV, now: at(0) }, world.ledger.state).events);
      model.release(s.halts, s.scope);
    } else {
      const answer = asks(s, 100_000 + i, world, model);
      expect(answer).toBe(model.ask(s));
      answers.push(answer);
    }
    expect(
      haltsInForce(world.ledger.state)
        .map((h) => h.id)
        .sort(),
    ).toEqual(model.names());
  });
  return { events: world.events, answers };
};

/** Reads the ledger alone: which receipts stand after a halt that covers them, before its release. */
const violations = (events: readonly Recorded[]): readonly string[] => {
  const force = new Map<string, Standing>();
  const ever = new Set<string>();
  return events.flatMap(({ document: d }) => {
    if (d.type === 'writ.authority.halt-engaged.v1' && !ever.has(d.id)) {
      ever.add(d.id);
      force.set(d.data.halt, { scope: d.data.scope, tool: d.data.tool });
    }
    if (d.type === 'writ.authority.halt-released.v1') for (const id of d.data.halts) force.delete(id);
    if (d.type !== 'writ.authority.receipt-issued.v1') return [];
    const { agent, audience, what } = d.data;
    const hit = [...force.values()].some(
      (h) =>
        (within(h.scope, agent) || within(h.scope, audience.name)) &&
        (h.tool === undefined || what.operation === 'delete'),
    );
    return hit ? [d.id] : [];
  });
};

describe('random receipts, halts and releases', () => {
  it('invariant 2: agrees with a plain model; no receipt stands after a halt that covers it, before its release', () => {
    fc.assert(
      fc.property(steps, (all) => {
        expect(violations(run(all).events)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('invariant 3: at most one receipt per intent', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const intents = run(all).events.flatMap(({ document: d }) =>
          d.type === 'writ.authority.receipt-issued.v1' ? [d.data.intentId] : [],
        );
        expect(new Set(intents).size).toBe(intents.length);
      }),
      { numRuns: 200 },
    );
  });

  it('gives every kind of answer, so that agreeing is no accident', () => {
    const answers = new Set<string>();
    fc.assert(
      fc.property(steps, (all) => {
        for (const answer of run(all).answers) answers.add(answer);
      }),
      { numRuns: 200, seed: 11 },
    );
    expect([...answers].sort()).toEqual(['WRIT-RCP-005', 'WRIT-RCP-006', 'issued', 'known']);
  });
});
