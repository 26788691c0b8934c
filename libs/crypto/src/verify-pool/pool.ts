// Owns threads that verify signatures in chunks: for whoever verifies thousands a second, where waking libuv's pool for each one
// costs a third of verifying it. What the pre-check refuses never reaches a thread.
import { Worker } from 'node:worker_threads';
import type { PublicKey } from '../keys.js';
import { precheck } from '../precheck.js';
import { type Check, packChecks } from './pack.js';
import { threadProgram } from './thread.js';

/** A verifying thread has died or was closed: what it had in hand is not known to be valid. */
export class VerifyThreadError extends Error {
  override readonly name = 'VerifyThreadError';
}

/** Threads that verify. */
export interface VerifyPool {
  /** `verifyStrictAsync` on these threads. Rejects with VerifyThreadError, for good, once one of them has died. */
  readonly verify: (key: PublicKey, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
  /** Ends the threads; what is still in hand is rejected. */
  close(): Promise<void>;
}

type Waiting = Check & {
  readonly resolve: (valid: boolean) => void;
  readonly reject: (error: VerifyThreadError) => void;
};

type Thread = { readonly worker: Worker; readonly inHand: (readonly Waiting[])[] };

const MOST_IN_CHUNK = 64;

const answer = ({ inHand }: Thread, valid: Uint8Array): void =>
  inHand.shift()?.forEach(({ resolve }, i) => {
    resolve(valid[i] === 1);
  });

const give = (thread: Thread, checks: readonly Waiting[]): void => {
  const chunk = packChecks(checks);
  thread.inHand.push(checks);
  thread.worker.postMessage(chunk, [chunk.bytes.buffer as ArrayBuffer]);
};

const startThread = (failed: (error: VerifyThreadError) => void): Thread => {
  // No environment and no flags: a thread needs neither, and loaders among them would run in it too.
  const worker = new Worker(threadProgram, { eval: true, env: {}, execArgv: [] });
  const thread: Thread = { worker, inHand: [] };
  worker.on('message', (valid: Uint8Array) => answer(thread, valid));
  worker.on('error', (cause) => failed(new VerifyThreadError('a verifying thread failed', { cause })));
  worker.on('exit', () => failed(new VerifyThreadError('a verifying thread has ended')));
  return thread;
};

/**
 * Starts `threads` threads. Signatures go to them in chunks of 64, or of what there is by the end of the turn of the event loop; each
 * is answered on its own, and those handed in together may be answered in another order.
 */
export const createVerifyPool = (threads: number): VerifyPool => {
  let over: VerifyThreadError | undefined;
  let waiting: Waiting[] = [];
  let flushing: NodeJS.Immediate | undefined;
  const fail = (error: VerifyThreadError): void => {
    over ??= error;
    for (const { reject } of [...pool.flatMap(({ inHand }) => inHand.splice(0).flat()), ...waiting])
      reject(over);
    waiting = [];
  };
  const pool = Array.from({ length: threads }, () => startThread(fail));
  const flush = (): void => {
    clearImmediate(flushing);
    flushing = undefined;
    if (waiting.length === 0) return;
    give(
      pool.reduce((a, b) => (b.inHand.length < a.inHand.length ? b : a)),
      waiting,
    );
    waiting = [];
  };
  const enqueue = (check: Waiting): void => {
    waiting.push(check);
    if (over !== undefined) fail(over);
    else if (waiting.length >= MOST_IN_CHUNK) flush();
    else flushing ??= setImmediate(flush);
  };
  return {
    verify: (key, message, signature) =>
      precheck(signature, key.raw) === undefined
        ? new Promise((resolve, reject) => enqueue({ key, message, signature, resolve, reject }))
        : Promise.resolve(false),
    close: async () => {
      fail(new VerifyThreadError('the verifying threads were closed'));
      await Promise.all(pool.map(({ worker }) => worker.terminate()));
    },
  };
};
