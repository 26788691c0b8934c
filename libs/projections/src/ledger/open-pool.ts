// Opens frames on threads of their own while there is much to catch up with. Where there are none, whoever asks does it itself.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FRAME_OFFSETS } from '@writ/crypto';
import type { OpenAnswer, Opened, OpenRequest } from './open-messages.js';

/** How many threads, and what they run. `script` is for tests that run the sources. */
export type PoolOptions = {
  readonly threads?: number;
  readonly script?: URL;
  readonly execArgv?: readonly string[];
};

type Waiting = {
  readonly bytes: Uint8Array;
  readonly kid: string;
  readonly x: string;
  readonly resolve: (opened: Opened) => void;
  readonly reject: (error: unknown) => void;
};

/** A pool. `open` is for a frame whose key is known; it rejects when its thread is lost. */
export interface OpenPool {
  open(bytes: Uint8Array, kid: string, x: string): Promise<Opened>;
  stop(): Promise<void>;
}

const BATCH = 32;
const BUILT = new URL('./open-worker.js', import.meta.url);
const decoder = new TextDecoder();

/** Whether threads can be started here: the built script is there, and there is a core to spare. */
export const poolAvailable = (options: PoolOptions): boolean =>
  options.threads !== 0 && (options.script !== undefined || existsSync(fileURLToPath(BUILT)));

const pack = (id: number, batch: readonly Waiting[]): OpenRequest => {
  const bytes = new Uint8Array(batch.reduce((sum, { bytes: b }) => sum + b.length, 0));
  const ends = new Uint32Array(batch.length);
  const keyOf = new Uint16Array(batch.length);
  const keys = new Map<string, number>();
  let at = 0;
  for (const [n, waiting] of batch.entries()) {
    bytes.set(waiting.bytes, at);
    at += waiting.bytes.length;
    ends[n] = at;
    const key = keys.get(waiting.x) ?? keys.size;
    keys.set(waiting.x, key);
    keyOf[n] = key;
  }
  return { id, bytes, ends, keys: [...keys.keys()], keyOf };
};

// The thread has found the text canonical, so that parsing it again gives the same value.
const openedFrom = ({ bytes, kid }: Waiting, digest: string): Opened => {
  const text = decoder.decode(bytes.subarray(FRAME_OFFSETS.document, bytes.length - 1));
  return { ok: true, document: JSON.parse(text), digest, kid };
};

type Thread = {
  readonly worker: Worker;
  readonly batches: Map<number, readonly Waiting[]>;
  lost: boolean;
};

const startThread = (options: PoolOptions): Thread => {
  const execArgv = options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] };
  const worker = new Worker(options.script ?? BUILT, execArgv);
  const thread: Thread = { worker, batches: new Map(), lost: false };
  const lose = (error: unknown): void => {
    thread.lost = true;
    for (const waiting of [...thread.batches.values()].flat()) waiting.reject(error);
    thread.batches.clear();
  };
  worker.on('message', ({ id, digests, failures }: OpenAnswer) => {
    const batch = thread.batches.get(id) ?? [];
    thread.batches.delete(id);
    for (const [n, waiting] of batch.entries()) {
      waiting.resolve(failures[n] ?? openedFrom(waiting, digests[n]!));
    }
  });
  worker.on('error', lose);
  worker.on('exit', () => lose(new Error('a thread that opens frames has ended')));
  worker.unref();
  return thread;
};

/** Starts the threads: one less than there are cores, at least one, at most four. */
export const createOpenPool = (options: PoolOptions = {}): OpenPool => {
  const count = options.threads ?? Math.min(4, Math.max(1, availableParallelism() - 1));
  const threads = Array.from({ length: count }, () => startThread(options));
  let queue: Waiting[] = [];
  let scheduled = false;
  let ids = 0;
  const send = (): void => {
    const batch = queue.splice(0, BATCH);
    const usable = threads.filter(({ lost }) => !lost);
    const thread = usable.sort((a, b) => a.batches.size - b.batches.size)[0];
    if (thread === undefined) {
      for (const waiting of batch) waiting.reject(new Error('no thread is left to open frames'));
      return;
    }
    ids += 1;
    const request = pack(ids, batch);
    thread.batches.set(ids, batch);
    thread.worker.postMessage(request, [request.bytes.buffer]);
  };
  const flush = (): void => {
    scheduled = false;
    while (queue.length > 0) send();
    queue = [];
  };
  const schedule = (): void => {
    if (queue.length >= BATCH) send();
    if (scheduled || queue.length === 0) return;
    scheduled = true;
    setImmediate(flush);
  };
  return {
    open: (bytes, kid, x) =>
      new Promise((resolve, reject) => {
        queue.push({ bytes, kid, x, resolve, reject });
        schedule();
      }),
    stop: async () => void (await Promise.all(threads.map(({ worker }) => worker.terminate()))),
  };
};
