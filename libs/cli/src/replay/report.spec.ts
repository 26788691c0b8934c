// Counting what was played: totals, percentiles, ground truth.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlayedCall, PlayedVerdict } from './played.js';
import { callLine, inRecordedOrder, type ReplayFacts, reportOf } from './report.js';
import { latencyOf } from './tally.js';

const played = fc.record({
  ...{ run: fc.nat(5), taskId: fc.nat(9), trial: fc.nat(1), step: fc.nat(9) },
  tool: fc.constantFrom('read', 'write', 'cancel'),
  verdict: fc.constantFrom<PlayedVerdict>('permitted', 'denied', 'escalated'),
  rule: fc.constantFrom('a', 'b', null),
  codes: fc.constant(['rule-permit']),
  recorded: fc.constantFrom<PlayedCall['recorded']>('succeeded', 'failed', 'none'),
  consequential: fc.boolean(),
  correct: fc.constantFrom(true, false, null),
  decisionMs: fc.double({ min: 0, max: 1000, noNaN: true }),
}) satisfies fc.Arbitrary<PlayedCall>;

describe('the report of a replay', () => {
  it('counts every call once, per tool and per rule, and leaves no right or wrong call out', () => {
    fc.assert(
      fc.property(fc.array(played), (calls) => {
        const { totals, tools, rules, groundTruth } = reportOf({} as ReplayFacts, calls);
        const sum = (parts: readonly { calls: number }[]) => parts.reduce((n, part) => n + part.calls, 0);
        expect(totals.calls).toBe(calls.length);
        expect(totals.permitted + totals.denied + totals.escalated).toBe(calls.length);
        expect([sum(tools), sum(rules)]).toEqual([calls.length, calls.length]);
        const judged = calls.filter(({ correct }) => correct !== null).length;
        expect((groundTruth?.right.calls ?? 0) + (groundTruth?.wrong.calls ?? 0)).toBe(judged);
        const wrong = groundTruth?.wrong;
        expect((wrong?.failed.calls ?? 0) + (wrong?.tookEffect.calls ?? 0)).toBe(wrong?.calls ?? 0);
        expect((wrong?.letThrough ?? 0) + (wrong?.held ?? 0) + (wrong?.stopped ?? 0)).toBe(wrong?.calls ?? 0);
      }),
    );
  });

  it('takes percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect(latencyOf(hundred)).toEqual({ count: 100, p50: 50, p90: 90, p99: 99, max: 100 });
    expect(latencyOf([7])).toEqual({ count: 1, p50: 7, p90: 7, p99: 7, max: 7 });
    expect(latencyOf([])).toBeNull();
  });

  it('writes calls in recorded order with exactly the fields that are promised', () => {
    const base = {
      trial: 0,
      tool: 't',
      verdict: 'denied',
      rule: null,
      codes: ['x'],
      recorded: 'none',
    } as const;
    const rest = { consequential: true, correct: null, decisionMs: 1 };
    const at = (run: number, step: number): PlayedCall => ({ run, taskId: run, step, ...base, ...rest });
    const lines = inRecordedOrder([at(1, 0), at(0, 1), at(0, 0)]).map(callLine);
    expect(lines[0]).toBe(
      '{"task_id":0,"trial":0,"step":0,"tool":"t","verdict":"denied","rule":null,"codes":["x"]}\n',
    );
    expect(lines.map((line) => JSON.parse(line)).map(({ task_id, step }) => [task_id, step])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
  });
});
