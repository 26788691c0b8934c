import { expect, test } from 'vitest';
import { ahead } from './ahead.js';

async function* numbers(count: number, pulled: { count: number }): AsyncGenerator<number> {
  for (let n = 0; n < count; n += 1) {
    pulled.count += 1;
    yield n;
  }
}

test('results come in the order of the items, however long each takes', async () => {
  const work = async (n: number): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, n % 3 === 0 ? 3 : 0));
    return n * 2;
  };
  const results: number[] = [];
  for await (const result of ahead(numbers(20, { count: 0 }), work, 4)) results.push(result);
  expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n * 2));
});

test('no more than the window is pulled ahead of what was taken', async () => {
  const pulled = { count: 0 };
  let taken = 0;
  for await (const _ of ahead(numbers(100, pulled), async (n) => n, 8)) {
    taken += 1;
    expect(pulled.count - taken).toBeLessThan(8);
  }
  expect(taken).toBe(100);
});

test('an error of the items comes after the results before it', async () => {
  async function* failing(): AsyncGenerator<number> {
    yield 1;
    yield 2;
    throw new Error('cut off');
  }
  const results: number[] = [];
  const read = async () => {
    for await (const result of ahead(failing(), async (n) => n, 8)) results.push(result);
  };
  await expect(read()).rejects.toThrow('cut off');
  expect(results).toEqual([1, 2]);
});

test('who stops early ends the items as well', async () => {
  let ended = false;
  async function* endless(): AsyncGenerator<number> {
    try {
      for (let n = 0; ; n += 1) yield n;
    } finally {
      ended = true;
    }
  }
  for await (const n of ahead(endless(), async (m) => m, 2)) if (n === 3) break;
  expect(ended).toBe(true);
});
