// Prepares messages ahead of their turn, on threads of their own or on those of node:crypto. The order stays; what waits is bounded.
import { availableParallelism } from 'node:os';
import type { StoredMessage } from '../message.js';
import { ahead } from './ahead.js';
import type { FindPublicKey } from './open-live.js';
import { type Prepared, prepare } from './prepare.js';
import { type PreparingThreads, startThreads, threadsAreBuilt } from './threads.js';

/** Prepares messages with the keys that are known by then, and yields them in order. */
export type Preparer = (
  messages: AsyncIterable<StoredMessage>,
  find: FindPublicKey,
) => AsyncIterable<Prepared>;

/** Messages whose signatures are verified ahead of their turn. */
const WINDOW = 128;
/** Messages that go to a thread at once, and how many such are ahead per thread. */
const IN_CHUNK = 128;
const AHEAD = 3;

/** Without threads of its own: for small inputs. */
export const prepareHere: Preparer = (messages, find) =>
  ahead(messages, (message) => prepare(message, find), WINDOW);

async function* inChunks(
  messages: AsyncIterable<StoredMessage>,
): AsyncGenerator<readonly StoredMessage[], void, undefined> {
  let chunk: StoredMessage[] = [];
  try {
    for await (const message of messages) {
      chunk.push(message);
      if (chunk.length < IN_CHUNK) continue;
      yield chunk;
      chunk = [];
    }
  } catch (error) {
    // What came before is judged before it is said that there is no more.
    if (chunk.length > 0) yield chunk;
    throw error;
  }
  if (chunk.length > 0) yield chunk;
}

const onThreads = (threads: PreparingThreads, count: number): Preparer =>
  async function* (messages, find) {
    const prepareChunk = (chunk: readonly StoredMessage[]) => threads.prepare(chunk, find);
    for await (const chunk of ahead(inChunks(messages), prepareChunk, count * AHEAD)) yield* chunk;
  };

/** Threads that prepare, to be closed. */
export type PreparerThreads = { readonly preparer: Preparer; close(): Promise<void> };

/**
 * Starts a thread per core. They read no file but their own program and know no network; closing them ends what is in hand. Where
 * that program is not built, everything is done here.
 */
export const startPreparer = (count: number = availableParallelism()): PreparerThreads => {
  if (!threadsAreBuilt) return { preparer: prepareHere, close: async () => undefined };
  const threads = startThreads(count);
  return { preparer: onThreads(threads, count), close: threads.close };
};
