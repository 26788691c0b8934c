// Messages wait in order, so many at a time, and none is lost.
import { expect, it } from 'vitest';
import { createWorkLine } from './work-line.js';

const held = () => {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const line = createWorkLine<number>(2, (n) => {
    begun.push(n);
    return new Promise((resolve) => ends.set(n, resolve));
  });
  return { begun, line, end: (n: number) => ends.get(n)?.() };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('begins no more than it may hold, and the next in order when one ends', async () => {
  const { begun, line, end } = held();
  for (const n of [1, 2, 3, 4]) line.add(n);
  expect(begun).toEqual([1, 2]);
  end(2);
  await settled();
  expect(begun).toEqual([1, 2, 3]);
  end(1);
  end(3);
  await settled();
  expect(begun).toEqual([1, 2, 3, 4]);
});

it('is empty only when nothing waits and nothing is in hand', async () => {
  const { line, end } = held();
  await line.empty();
  for (const n of [1, 2, 3]) line.add(n);
  let empty = false;
  const over = line.empty().then(() => {
    empty = true;
  });
  end(1);
  end(2);
  await settled();
  expect(empty).toBe(false);
  end(3);
  await over;
});
