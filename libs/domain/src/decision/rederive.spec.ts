// Invariant 8: every decision, derived again from what the ledger holds, gives the recorded verdict.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryBoundary, boundaryOf, rule } from '../../test/given/boundary.js';
import { type Ask, ask, registryWith, sweep } from '../../test/given/decision.js';
import { T0 } from '../../test/given/registry.js';
import { readAllDisclosed, readDisclosed } from './disclosure.js';
import {
  agreesWith,
  type DecisionState,
  decisionInitial,
  isDecision,
  rederiveUnder,
  rederiveVerdict,
} from './index.js';

type Asked = Pick<ReturnType<typeof ask>, 'result' | 'events'>;
type Swept = ReturnType<typeof sweep>;
const decisionIn = (asked: Asked | Swept) => {
  const document = asked.events[0]?.document;
  if (document === undefined || !isDecision(document)) throw new Error('nothing was decided');
  return document;
};
const intentIn = (event: ReturnType<typeof decisionIn>) => event.data.intent.signed as never;

const arbitraryAsk: fc.Arbitrary<Ask> = fc.record({
  args: fc.record(
    {
      rows: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constant('all')),
      kind: fc.constantFrom('bulk', 'x'),
      list: fc.array(fc.nat(3), { maxLength: 3 }),
      iban: fc.string(),
    },
    { requiredKeys: [] },
  ),
  halted: fc.boolean(),
  containment: fc.constantFrom('none', 'none', 'watch', 'gate', 'isolate'),
  operation: fc.constantFrom('update', 'delete', 'read'),
  agent: fc.constantFrom('acme.shop.prod.bot', 'acme.shop.prod.bot', 'acme.shop.prod.ghost'),
});

const history = (asks: readonly Ask[], registry: Parameters<typeof ask>[0]): readonly Asked[] => {
  let state: DecisionState = decisionInitial;
  return asks.map((how, n) => {
    const asked = ask(registry, { ...how, at: T0 + n * 700, n: n + 1 }, state);
    state = asked.state;
    return asked;
  });
};

describe('invariant 8: every decision, derived again from the ledger, gives the recorded verdict', () => {
  it('holds for any boundary and any history of intents', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        arbitraryBoundary,
        fc.array(arbitraryAsk, { minLength: 1, maxLength: 6 }),
        (boundary, asks) => {
          for (const asked of history(asks, registryWith(boundary))) {
            const event = decisionIn(asked);
            const replayed = JSON.parse(JSON.stringify(event)) as typeof event;
            const verdict = rederiveVerdict(replayed.data, intentIn(replayed), structuredClone(boundary));
            expect(asked.result).toMatchObject({ kind: 'decided', effect: verdict.effect });
            expect((asked.result as { verdict: unknown }).verdict).toEqual(verdict);
            expect(agreesWith(replayed, verdict)).toBe(true);
            for (const code of verdict.codes) seen.add(code);
          }
        },
      ),
      { numRuns: 300 },
    );
    for (const code of [
      'rule-permit',
      'rule-deny',
      'condition-error',
      'limit-exceeded',
      'would-deny',
      'gate-not-found',
    ]) {
      expect(seen).toContain(code);
    }
  });

  it('holds without a boundary and for what the sweep recorded', () => {
    const none = decisionIn(ask(registryWith()));
    expect(agreesWith(none, rederiveVerdict(none.data, intentIn(none), null))).toBe(true);
    const boundary = boundaryOf({ rules: [rule({})] });
    const swept = decisionIn(sweep(registryWith(boundary), { at: T0 + 130_000, time: T0 }));
    expect(agreesWith(swept, rederiveVerdict(swept.data, intentIn(swept), null))).toBe(true);
    expect(agreesWith(swept, rederiveVerdict(swept.data, intentIn(swept), boundary))).toBe(true);
  });

  it('finds a decision that was recorded otherwise than its boundary says', () => {
    const limits = [
      { id: 'l', resource: '**', operations: ['*'], max: 1, windowSeconds: 9, effect: 'deny' as const },
    ];
    const boundary = boundaryOf({ clear: ['args.rows'], limits, rules: [rule({ when: 'args.rows < 9' })] });
    const event = decisionIn(ask(registryWith(boundary), { args: { rows: 3 } }));
    const against = (change: object) => {
      const data = { ...event.data, ...change };
      return agreesWith({ type: event.type, data }, rederiveVerdict(data, intentIn(event), boundary));
    };
    expect(against({})).toBe(true);
    expect(against({ rule: 'other' })).toBe(false);
    expect(against({ codes: ['rule-deny'] })).toBe(false);
    expect(against({ disclosed: [] })).toBe(false);
    expect(against({ disclosed: ['%%'] })).toBe(false);
    expect(against({ inputs: { ...event.data.inputs, halted: true } })).toBe(false);
    expect(against({ inputs: { ...event.data.inputs, counters: { l: 1 } } })).toBe(false);
    expect(against({ reversibility: 'irreversible' })).toBe(false);
    expect(
      agreesWith(
        { ...event, type: 'writ.decision.denied.v1' },
        rederiveVerdict(event.data, intentIn(event), boundary),
      ),
    ).toBe(false);
  });

  it('takes a gate for lost only if the registry says so, when the registry is asked', () => {
    const boundary = boundaryOf({ rules: [rule({ effect: 'gate', gate: 'nobody' })] });
    const event = decisionIn(ask(registryWith(boundary)));
    expect(rederiveVerdict(event.data, intentIn(event), boundary, () => true)).toMatchObject({
      effect: 'gate',
    });
    expect(rederiveVerdict(event.data, intentIn(event), boundary)).toMatchObject({
      codes: ['gate-not-found'],
    });
  });

  it('derives what the boundary now in force would say: narrower denies, absent denies, undisclosed denies', () => {
    const event = decisionIn(ask(registryWith(boundaryOf({ rules: [rule({})] })), { args: { rows: 1 } }));
    const under = (boundary: Parameters<typeof rederiveUnder>[2]) =>
      rederiveUnder(event.data, intentIn(event), boundary, () => true);
    expect(under(boundaryOf({ rules: [rule({ id: 'new' })] }))).toMatchObject({
      effect: 'permit',
      rule: 'new',
    });
    expect(under(boundaryOf({}))).toMatchObject({ effect: 'deny' });
    expect(under(null)).toMatchObject({ codes: ['no-boundary'] });
    const reads = boundaryOf({ clear: ['args.rows'], rules: [rule({ when: 'args.rows < 9' })] });
    expect(under(reads)).toMatchObject({ codes: ['condition-error'] });
  });
});

describe('disclosures', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('are read as they were written, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.jsonValue(), (name, value) => {
        const read = readDisclosed(encode(['salt', name, value]));
        expect(read).toMatchObject({ name });
        expect(JSON.stringify(read?.value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('are refused when unreadable or when two name one field', () => {
    for (const bad of ['%%', 'eA', encode(['salt', 'x']), encode(['salt', 1, 2]), encode({})]) {
      expect(readDisclosed(bad)).toBeUndefined();
    }
    expect(readAllDisclosed([encode(['a', 'x', 1]), encode(['b', 'x', 2])])).toBeUndefined();
  });
});
