// Counting what was played: totals, percentiles, ground truth, and which tools have consequences.

import { checkBoundary } from '@writ/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consequentialTools } from './documents.js';
import type { PlayedCall, PlayedVerdict } from './played.js';
import { dealRuns, workThrough } from './pool.js';
import { callLine, inRecordedOrder, type ReplayFacts, reportOf } from './report.js';
import { latencyOf } from './tally.js';
import type { RecordedRun } from './transcript.js';

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

describe('which tools have consequences', () => {
  const boundary = checkBoundary(
    JSON.stringify({
      apiVersion: 'writ/v1',
      kind: 'PermissionBoundary',
      metadata: { name: 'b', scope: 'a.b.c' },
      spec: {
        ...{ task: 't', level: 1, autonomy: 'bounded', clear: [], default: { effect: 'deny' } },
        rules: [
          {
            id: 'reads',
            resource: 'tool:*',
            operations: ['get_*'],
            effect: 'permit',
            reversibility: 'reversible',
            blastRadius: 'single',
          },
          {
            id: 'never',
            resource: 'tool:*',
            operations: ['get_*'],
            when: 'action.reversal == "none"',
            effect: 'deny',
          },
          { id: 'writes', resource: 'tool:*', operations: ['put'], effect: 'permit' },
        ],
      },
    }),
    'b.json',
  );

  it('is what the permitting and gating rules say; a tool that none of them covers has', () => {
    if (!boundary.ok) throw new Error(JSON.stringify(boundary.problems));
    const of = consequentialTools(boundary.boundary, []);
    expect(['get_x', 'put', 'unknown'].map(of)).toEqual([false, true, true]);
  });

  it('is what the patterns say where there are any', () => {
    if (!boundary.ok) throw new Error(JSON.stringify(boundary.problems));
    const of = consequentialTools(boundary.boundary, ['g*']);
    expect(['get_x', 'put'].map(of)).toEqual([true, false]);
  });
});

describe('spreading runs', () => {
  it('gives every run to one agent, in the order of the file', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 50 }), (count, agents) => {
        const runs = Array.from({ length: count }, (_, index) => ({ index }) as RecordedRun);
        const shares = dealRuns(runs, agents, 'a.b.c');
        expect(new Set(shares.map(({ agent }) => agent)).size).toBe(Math.min(agents, count));
        for (const share of shares) {
          const order = share.runs.map(({ index }) => index);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
        const all = shares.flatMap((share) => share.runs.map(({ index }) => index));
        expect(all.sort((a, b) => a - b)).toEqual(runs.map(({ index }) => index));
      }),
    );
  });

  it('never has more at work than it may, and ends with the first failure', async () => {
    let [now, most] = [0, 0];
    const done: number[] = [];
    const work = async (n: number) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
      if (n === 5) throw new Error('five');
      done.push(n);
    };
    await workThrough([0, 1, 2, 3, 4], 2, work);
    expect([most, done.length]).toEqual([2, 5]);
    await expect(workThrough([5, 6, 7, 8, 9, 10], 2, work)).rejects.toThrow('five');
    expect(done.length).toBeLessThan(10);
  });
});
