// Verifying on threads: the same verdicts as in place, each to whoever asked, and none at all from a thread that died.
import type { Worker } from 'node:worker_threads';
import {
  createVerifyPool,
  generateKeyPair,
  type KeyPair,
  signBytes,
  type VerifyPool,
  VerifyThreadError,
  verifyStrict,
} from '@writ/crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';

let pool: VerifyPool;
afterEach(() => pool.close());

const signed = (key: KeyPair, n: number) => {
  const message = Buffer.from(`message ${n} ${'x'.repeat(n % 700)}`);
  return { key, message, signature: Uint8Array.from(signBytes(key, message)) };
};

/** Every third altered: in the message, in S, or not reduced. */
const altered = (n: number, { key, message, signature }: ReturnType<typeof signed>) => {
  if (n % 9 === 0) message[3]! ^= 1;
  if (n % 9 === 3) signature[40]! ^= 1;
  if (n % 9 === 6) signature.fill(0xff, 32);
  return { key, message, signature };
};

describe('a verify pool', () => {
  it('gives every signature its own verdict, over chunks, keys and threads', async () => {
    pool = createVerifyPool(2);
    const keys = Array.from({ length: 5 }, generateKeyPair);
    const checks = Array.from({ length: 1000 }, (_, n) => altered(n, signed(keys[n % 5]!, n)));
    const verdicts = await Promise.all(checks.map((c) => pool.verify(c.key, c.message, c.signature)));
    expect(verdicts).toEqual(checks.map((c) => verifyStrict(c.key, c.message, c.signature)));
    expect(verdicts).toEqual(checks.map((_, n) => n % 3 !== 0));
  });

  it('refuses the signature of another key', async () => {
    pool = createVerifyPool(1);
    const { message, signature } = signed(generateKeyPair(), 1);
    expect(await pool.verify(generateKeyPair(), message, signature)).toBe(false);
  });

  it('rejects what is in hand when a thread dies, and everything from then on', async () => {
    const threads: Worker[] = [];
    process.on('worker', (thread) => threads.push(thread));
    pool = createVerifyPool(2);
    await vi.waitFor(() => expect(threads).toHaveLength(2));
    const { key, message, signature } = signed(generateKeyPair(), 1);
    const inHand = Promise.allSettled(
      Array.from({ length: 5000 }, () => pool.verify(key, message, signature)),
    );
    await threads[1]!.terminate();
    expect((await inHand).at(-1)).toMatchObject({ reason: expect.any(VerifyThreadError) });
    await expect(pool.verify(key, message, signature)).rejects.toThrow(VerifyThreadError);
    process.removeAllListeners('worker');
  });

  it('leaves nobody waiting when it is closed', async () => {
    pool = createVerifyPool(1);
    const { key, message, signature } = signed(generateKeyPair(), 1);
    const inHand = pool.verify(key, message, signature);
    inHand.catch(() => undefined);
    await pool.close();
    await expect(inHand).rejects.toThrow(VerifyThreadError);
  });
});
