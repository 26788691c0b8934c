// Spreading runs over agents and over those that work at once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dealRuns, workThrough } from './pool.js';
import type { RecordedRun } from './transcript.js';

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
