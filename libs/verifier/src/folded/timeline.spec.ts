import { expect, test } from 'vitest';
import { createTimeline } from './timeline.js';

const moved = () => {
  const line = createTimeline('a');
  line.set(10, 1_000, 'b');
  line.set(20, 2_000, 'c');
  line.set(30, 9_000, 'd');
  return line;
};

test('the values since a position are those in force there and after it', () => {
  expect(moved().since(0)).toEqual(['a', 'b', 'c', 'd']);
  expect(moved().since(10)).toEqual(['b', 'c', 'd']);
  expect(moved().since(29)).toEqual(['c', 'd']);
  expect(moved().since(30)).toEqual(['d']);
});

test('a value that was replaced before the time given is not fresh, whatever the position says', () => {
  expect(moved().fresh(0, 5_000)).toEqual(['c', 'd']);
  expect(moved().fresh(0, 2_000)).toEqual(['b', 'c', 'd']);
  expect(moved().fresh(30, 0)).toEqual(['d']);
});

test('the same value again is no change', () => {
  const line = createTimeline('a');
  line.set(5, 1_000, 'a');
  expect(line.since(0)).toEqual(['a']);
});

test('old values are forgotten, the one in force never', () => {
  const line = createTimeline(0);
  for (let n = 1; n <= 5_000; n += 1) line.set(n, n * 1_000, n);
  const kept = line.since(0);
  expect(kept.at(-1)).toBe(5_000);
  expect(kept.length).toBeLessThan(2_100);
  expect(line.fresh(4_990, 4_996_000)).toEqual([4_995, 4_996, 4_997, 4_998, 4_999, 5_000]);
});
