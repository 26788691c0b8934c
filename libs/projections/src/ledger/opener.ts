// From stored bytes to a verified document: a few at a time in the thread pool of Node, many on threads of their own.
import { DocumentLimits, type Kid, LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { FRAME_OFFSETS, importPublic, openFrameAsync, type PublicKey } from '@writ/crypto';
import type { KeyDirectory } from '@writ/domain';
import type { Opened } from './open-messages.js';
import { createOpenPool, type OpenPool, type PoolOptions, poolAvailable } from './open-pool.js';

/** Opens frames under the keys of a directory: ahead of time if the key is known by then, in any case when it is their turn. */
export type Opener = {
  readonly ahead: (bytes: Uint8Array) => Promise<Opened> | undefined;
  readonly now: (bytes: Uint8Array) => Promise<Opened>;
  readonly stop: () => Promise<void>;
};

const KID = FRAME_OFFSETS.kid;
const KID_LENGTH = 43;

/** So many frames waiting to be opened are a backlog, worth threads; at rest for so long, they are let go again. */
const BACKLOG = 48;
const REST_MS = 10_000;

/** The kid where a frame has it; of anything else a text that is no key's. */
const kidAt = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', KID, KID + KID_LENGTH);

const publicKeys = (keys: KeyDirectory) => {
  const imported = new Map<Kid, PublicKey>();
  return (kid: Kid): PublicKey | undefined => {
    const cached = imported.get(kid);
    if (cached !== undefined) return cached;
    const record = keys.find(kid);
    const key = record === undefined ? undefined : importPublic(record.x);
    if (key?.kid !== kid) return undefined;
    imported.set(kid, key);
    return key;
  };
};

// Threads only while there is a backlog.
const onDemand = (options: PoolOptions) => {
  let pool: OpenPool | undefined;
  let broken = false;
  let rest: NodeJS.Timeout | undefined;
  const stop = async (): Promise<void> => {
    clearTimeout(rest);
    const old = pool;
    pool = undefined;
    await old?.stop();
  };
  return {
    stop,
    get: (waiting: number): OpenPool | undefined => {
      if (broken || (pool === undefined && (waiting < BACKLOG || !poolAvailable(options)))) return undefined;
      pool ??= createOpenPool(options);
      return pool;
    },
    idle: (): void => {
      if (pool === undefined) return;
      clearTimeout(rest);
      rest = setTimeout(() => void stop(), REST_MS).unref();
    },
    busy: (): void => clearTimeout(rest),
    giveUp: (): void => {
      broken = true;
    },
  };
};

/** An opener over a live directory; each key is imported once. */
export const createOpener = (keys: KeyDirectory, options: PoolOptions = {}): Opener => {
  const publicKey = publicKeys(keys);
  const threads = onDemand(options);
  let waiting = 0;
  const now = (bytes: Uint8Array) =>
    openFrameAsync(bytes, LEDGER_PAYLOAD_TYPE, publicKey, DocumentLimits.any);
  // A thread that is lost takes no frame with it.
  const onThread = (pool: OpenPool, bytes: Uint8Array, key: PublicKey): Promise<Opened> =>
    pool.open(bytes, key.kid, key.x).catch(() => {
      threads.giveUp();
      return now(bytes);
    });
  const done = (): void => {
    waiting -= 1;
    if (waiting === 0) threads.idle();
  };
  const ahead = (bytes: Uint8Array): Promise<Opened> | undefined => {
    const key = publicKey(kidAt(bytes));
    if (key === undefined) return undefined;
    if (waiting === 0) threads.busy();
    waiting += 1;
    const pool = threads.get(waiting);
    const opening = pool === undefined ? now(bytes) : onThread(pool, bytes, key);
    // Whoever awaits it later sees the failure; until then it must not count as unhandled.
    opening.then(done, done);
    return opening;
  };
  return { now, ahead, stop: threads.stop };
};
