// Flood control: what a bucket lets through is bounded, whatever comes and whenever.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenBuckets, startShedReports, type TokenBuckets } from '../src/index.js';

function manualClock() {
  let at = 0;
  return {
    now: () => 1_700_000_000_000 + at,
    mono: () => at,
    pass: (ms: number) => {
      at += ms;
    },
  };
}

const load = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b', 'c'), wait: fc.integer({ min: -50, max: 400 }) }),
  {
    maxLength: 200,
  },
);
const limits = fc.record({ rate: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 20 }) });

test('over any span a key gets at most burst plus rate times seconds through, also when the clock steps back', () => {
  fc.assert(
    fc.property(load, limits, (steps, { rate, burst }) => {
      const clock = manualClock();
      const buckets = createTokenBuckets({ rate, burst, clock });
      const passed = new Map<string, number>();
      let latest = 0;
      for (const { key, wait } of steps) {
        clock.pass(wait);
        latest = Math.max(latest, clock.mono());
        if (buckets.take(key)) passed.set(key, (passed.get(key) ?? 0) + 1);
      }
      for (const count of passed.values())
        expect(count).toBeLessThanOrEqual(burst + (rate * (latest + 50)) / 1000 + 1e-6);
    }),
  );
});

test('a sender that keeps within the rate is never shed, whatever another one sends', () => {
  fc.assert(
    fc.property(limits, fc.integer({ min: 1, max: 100 }), ({ rate, burst }, flood) => {
      const clock = manualClock();
      const buckets = createTokenBuckets({ rate, burst, clock });
      for (let n = 0; n < 20; n += 1) {
        for (let k = 0; k < flood; k += 1) buckets.take('flooder');
        expect(buckets.take('modest')).toBe(true);
        clock.pass(1000 / rate + 0.001);
      }
    }),
  );
});

test('what passes and what is counted as shed is together everything that came, by key', () => {
  fc.assert(
    fc.property(load, limits, (steps, { rate, burst }) => {
      const clock = manualClock();
      const buckets = createTokenBuckets({ rate, burst, clock });
      const shed = new Map<string, number>();
      for (const { key, wait } of steps) {
        clock.pass(Math.max(0, wait));
        if (!buckets.take(key)) shed.set(key, (shed.get(key) ?? 0) + 1);
      }
      const summaries = buckets.flush();
      expect(new Map(summaries.map(({ key, count }) => [key, count]))).toEqual(shed);
      for (const { from, to } of summaries) expect(from).toBeLessThanOrEqual(to);
      expect(buckets.flush()).toEqual([]);
    }),
  );
});

test('the number of buckets and of counted keys is bounded, and the longest unused bucket goes first', () => {
  const clock = manualClock();
  const buckets = createTokenBuckets({ rate: 1, burst: 1, maxKeys: 3, clock });
  for (const key of ['a', 'b', 'c']) expect(buckets.take(key)).toBe(true);
  expect(buckets.take('a')).toBe(false);
  expect(buckets.take('d')).toBe(true);
  expect(buckets.size()).toBe(3);
  expect(buckets.take('a')).toBe(false);
  expect(buckets.take('b')).toBe(true);
});

test('beyond the bound what is shed stands together under a star, and none is lost', () => {
  const clock = manualClock();
  const buckets = createTokenBuckets({ rate: 1, burst: 0.5, maxKeys: 3, clock });
  for (const key of ['a', 'b', 'c', 'd', 'e', 'd']) expect(buckets.take(key)).toBe(false);
  expect(buckets.flush().map(({ key, count }) => [key, count])).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', 1],
    ['*', 3],
  ]);
});

test('a report is one summary per interval, none when nothing was shed, and the last one at the stop', async () => {
  const clock = manualClock();
  const buckets: TokenBuckets = createTokenBuckets({ rate: 1, burst: 1, clock });
  const reports: number[] = [];
  const stop = startShedReports(
    buckets,
    20,
    (shed) => void reports.push(shed.reduce((sum, { count }) => sum + count, 0)),
  );
  for (let n = 0; n < 5; n += 1) buckets.take('a');
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(reports).toEqual([4]);
  buckets.take('a');
  stop();
  expect(reports).toEqual([4, 1]);
});
