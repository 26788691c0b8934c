// Properties of the decider over arbitrary histories: one decision per id, counters equal to a naive count.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, rule } from '../../test/given/boundary.js';
import { ask, registryWith, sweep } from '../../test/given/decision.js';
import { T0 } from '../../test/given/registry.js';
import { decisionInitial } from './index.js';

const limits = [
  { id: 'short', resource: '**', operations: ['*'], max: 3, windowSeconds: 7, effect: 'deny' as const },
  { id: 'long', resource: 'pg:**', operations: ['up*'], max: 5, windowSeconds: 90, effect: 'deny' as const },
];
const registry = registryWith(boundaryOf({ rules: [rule({ operations: ['*'] })], limits }));

const sending = fc.record({
  pause: fc.integer({ min: 0, max: 200_000 }),
  n: fc.integer({ min: 1, max: 5 }),
  back: fc.constantFrom(0, 0, 60_000, 130_000, 4_000_000),
  by: fc.constantFrom('ask', 'ask', 'sweep'),
  content: fc.constantFrom(0, 0, 1),
});

describe('invariant 4: an intent id gets one decision, however often it is sent and whatever crashes', () => {
  it('holds for any mixture of asking, asking again, altered intents and sweeps', () => {
    fc.assert(
      fc.property(fc.array(sending, { minLength: 1, maxLength: 40 }), (sendings) => {
        const decided: string[] = [];
        let at = T0;
        let state = decisionInitial;
        for (const { pause, n, back, by, content } of sendings) {
          at += pause;
          const time = T0 + n * 100_000 - back;
          const asked = (by === 'ask' ? ask : sweep)(registry, { at, n, time, idAt: time, content }, state);
          decided.push(...asked.events.map((event) => event.document.id));
          state = asked.state;
        }
        expect(new Set(decided).size).toBe(decided.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('limits are exact', () => {
  it('so that no window ever holds more than the limit, and nothing within it is refused', () => {
    const step = fc.record({
      pause: fc.integer({ min: 0, max: 6000 }),
      operation: fc.constantFrom('update', 'read'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const passed: { at: number; operation: string }[] = [];
        let at = T0;
        let state = decisionInitial;
        for (const [n, { pause, operation }] of steps.entries()) {
          at += pause;
          const inWindow = (seconds: number, only?: string) =>
            passed.filter((p) => p.at > at - seconds * 1000 && (only === undefined || p.operation === only))
              .length;
          const free = inWindow(7) < 3 && (operation === 'read' || inWindow(90, 'update') < 5);
          const asked = ask(registry, { at, n: n + 1, operation }, state);
          expect(asked.result).toMatchObject({ effect: free ? 'permit' : 'deny' });
          if (free) passed.push({ at, operation });
          state = asked.state;
        }
      }),
      { numRuns: 200 },
    );
  });
});
