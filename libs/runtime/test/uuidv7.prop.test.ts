// Ids: well-formed, in order, never twice.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uuidv7 } from '../src/index.js';

const WELL_FORMED = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ids of one clock sort strictly upwards as text, also within a millisecond and when the clock goes back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 1, maxLength: 300 }),
      (steps) => {
        let at = 1_700_000_000_000;
        const clock = { now: () => at, mono: () => at };
        let before = '';
        for (const step of steps) {
          at += step;
          const id = uuidv7(clock);
          expect(id).toMatch(WELL_FORMED);
          expect(id > before).toBe(true);
          before = id;
        }
      },
    ),
  );
});

test('ten thousand ids in one millisecond are all different, in order, and carry nearly that time', () => {
  const clock = { now: () => 1_700_000_000_000, mono: () => 0 };
  const ids = Array.from({ length: 10_000 }, () => uuidv7(clock));
  expect(new Set(ids).size).toBe(10_000);
  expect([...ids].sort()).toEqual(ids);
  const last = Number.parseInt((ids.at(-1) ?? '').replaceAll('-', '').slice(0, 12), 16);
  expect(last - 1_700_000_000_000).toBeLessThan(6);
});

test('the first 48 bits are the wall clock in milliseconds', () => {
  const before = Date.now();
  const at = Number.parseInt(uuidv7().replaceAll('-', '').slice(0, 12), 16);
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThan(before + 1000);
});
