// Prepares messages ahead of their turn, on threads of their own or on those of node:crypto. The order stays; what waits is bounded.
import { availableParallelism } from 'node:os';
import { createVerifyPool, verifyStrictAsync } from '@writ/crypto';
import type { StoredMessage } from '../message.js';
import { ahead } from './ahead.js';
import type { FindPublicKey } from './open-live.js';
import { type Prepared, prepare, type VerifySignature } from './prepare.js';

/** Prepares messages with the keys that are known by then, and yields them in order. */
export type Preparer = (
  messages: AsyncIterable<StoredMessage>,
  find: FindPublicKey,
) => AsyncIterable<Prepared>;

/** Messages whose signatures are verified ahead of their turn. */
const WINDOW = 128;
/** With threads, which take 64 signatures at once. */
const WIDE_WINDOW = 1_024;

const preparerOf =
  (verify: VerifySignature, window: number): Preparer =>
  (messages, find) =>
    ahead(messages, (message) => prepare(message, find, verify), window);

/** Without threads of its own: for small inputs. */
export const prepareHere: Preparer = preparerOf(verifyStrictAsync, WINDOW);

/** Threads that verify signatures, to be closed. */
export type PreparerThreads = { readonly preparer: Preparer; close(): Promise<void> };

/** Starts a thread per core. They know no file and no network; closing them ends what is in hand. */
export const startPreparer = (threads: number = availableParallelism()): PreparerThreads => {
  const pool = createVerifyPool(threads);
  return { preparer: preparerOf(pool.verify, WIDE_WINDOW), close: pool.close };
};
