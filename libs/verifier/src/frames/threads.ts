// Owns threads that prepare messages in chunks, each with the keys that it has not heard of. An answer is never older than its chunk.
import { Worker } from 'node:worker_threads';
import type { Kid } from '@writ/contracts';
import type { StoredMessage } from '../message.js';
import { type Answer, packMessages, unpackAnswer } from './chunk.js';
import type { FindPublicKey } from './open-live.js';
import type { Prepared } from './prepare.js';

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void };
type Thread = {
  readonly worker: Worker;
  readonly inHand: Waiting[];
  readonly told: Set<Kid>;
  readonly asked: Set<Kid>;
};

/** Threads that prepare. */
export interface PreparingThreads {
  /** Prepares a chunk with the keys that `find` knows now. Rejects once a thread has died. */
  prepare(messages: readonly StoredMessage[], find: FindPublicKey): Promise<readonly Prepared[]>;
  close(): Promise<void>;
}

const program = new URL('./thread.js', import.meta.url);

/** Whether the program of the threads can be started from here: it is built, or there is none. */
export const threadsAreBuilt = import.meta.url.endsWith('.js');

/** Room for what lives only as long as a chunk, MB: less copying. */
const YOUNG_MB = 16;

const startThread = (failed: (error: Error) => void): Thread => {
  const worker = new Worker(program, {
    env: {},
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const inHand: Waiting[] = [];
  worker.on('message', (answer: Answer) => inHand.shift()?.resolve(answer));
  worker.on('error', (error) => failed(error instanceof Error ? error : new Error(String(error))));
  worker.unref();
  return { worker, inHand, told: new Set(), asked: new Set() };
};

/** The keys that a thread has asked for and that are known by now. */
const newKeys = ({ told, asked }: Thread, find: FindPublicKey): readonly (readonly [Kid, string])[] => {
  const keys: (readonly [Kid, string])[] = [];
  for (const kid of asked) {
    const key = find(kid);
    if (key === undefined || told.has(kid)) continue;
    keys.push([kid, key.x]);
    told.add(kid);
    asked.delete(kid);
  }
  return keys;
};

const give = (thread: Thread, messages: readonly StoredMessage[], find: FindPublicKey): Promise<Answer> => {
  const chunk = packMessages(messages, newKeys(thread, find));
  return new Promise((resolve, reject) => {
    thread.inHand.push({ resolve, reject });
    thread.worker.ref();
    thread.worker.postMessage(chunk, [chunk.bytes.buffer as ArrayBuffer]);
  });
};

/** Starts `count` threads. */
export const startThreads = (count: number): PreparingThreads => {
  let over: Error | undefined;
  const fail = (error: Error): void => {
    over ??= error;
    for (const { inHand } of threads) for (const { reject } of inHand.splice(0)) reject(error);
  };
  const threads = Array.from({ length: count }, () => startThread(fail));
  return {
    prepare: async (messages, find) => {
      if (over !== undefined) throw over;
      const thread = threads.reduce((a, b) => (b.inHand.length < a.inHand.length ? b : a));
      const answer = await give(thread, messages, find);
      if (thread.inHand.length === 0) thread.worker.unref();
      for (const kid of answer.missing)
        for (const { asked, told } of threads) if (!told.has(kid)) asked.add(kid);
      return unpackAnswer(messages, answer);
    },
    close: async () => {
      fail(new Error('the threads were closed'));
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
};
