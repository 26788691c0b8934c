// Owns a projection's life: one session after another, standing by while a competitor works, standing still on a fault.
import { availableParallelism } from 'node:os';
import { createVerifyPool, type VerifyPool } from '@writ/crypto';
import type pg from 'pg';
import { PROJECTION_VERSION } from '../database/names.js';
import { type Handlers, handlers as shippedHandlers } from '../handlers/handlers.js';
import type { PinnedRoot } from '../ledger/directory.js';
import { restoreJudgeState } from '../ledger/stored.js';
import type { LedgerSource } from '../source.js';
import { type Checkpoint, findBuild, promote, readCheckpoint } from './checkpoint.js';
import { CheckpointMoved, faultOf, ProjectionFault } from './fault.js';
import { runSession } from './session.js';

/** What a projector says about itself while it runs; for logs and metrics. */
export type ProjectorNotice =
  | { readonly event: 'projector.started'; readonly seq: number; readonly schema: string }
  | {
      readonly event: 'projector.committed';
      readonly seq: number;
      readonly messages: number;
      readonly junk: number;
    }
  | { readonly event: 'projector.promoted'; readonly version: number; readonly schema: string }
  | { readonly event: 'projector.standby'; readonly seq: number }
  | { readonly event: 'projector.retrying'; readonly error: string };

/** `pool` is of the role `writ_projector`. Times in ms; defaults 2000 messages, 20 ms, 256 frames verified ahead. */
export type ProjectorOptions = {
  readonly pool: pg.Pool;
  readonly source: LedgerSource;
  readonly roots: readonly PinnedRoot[];
  readonly version?: number;
  /** One build instead of the one that its version has to fill: a rebuild. */
  readonly build?: number;
  readonly handlers?: Handlers;
  readonly batchMessages?: number;
  readonly lingerMs?: number;
  readonly window?: number;
  /** How often the ledger's end is compared with the checkpoint; 1000. */
  readonly watchMs?: number;
  readonly onNotice?: (notice: ProjectorNotice) => void;
  /** The projection stands still until it is started anew. Alarm. */
  readonly onFault?: (fault: ProjectionFault) => void;
};

/** A running projection. */
export interface Projector {
  /** The last sequence whose rows are committed, by this projector or a competitor it has noticed. */
  position(): number;
  /** What it stands still on. */
  fault(): ProjectionFault | undefined;
  /** True once `position() >= seq`; false after `timeoutMs`, a fault or `stop`. */
  reached(seq: number, timeoutMs: number): Promise<boolean>;
  /** Ends after the batch in hand; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const BACKWARDS_TRIES = 3;
const STANDBY_MS = 250;
const RETRY_MS = 500;
/** One thread judges and writes; two that verify keep it busy. */
const MOST_THREADS = 2;

type Life = {
  readonly options: ProjectorOptions;
  readonly threads: VerifyPool;
  readonly signal: AbortSignal;
  readonly waiters: Set<() => void>;
  position: number;
  fault?: ProjectionFault;
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

const moveTo = (life: Life, seq: number): void => {
  life.position = seq;
  for (const wake of [...life.waiters]) wake();
};

const openBuild = async ({ options }: Life): Promise<Checkpoint> => {
  const { pool, version = PROJECTION_VERSION, build } = options;
  if (build === undefined) return findBuild(pool, version);
  const found = await readCheckpoint(pool, version, build);
  if (found === undefined) throw new ProjectionFault('WRIT-PRJ-001', `there is no build ${build}`);
  return found;
};

// A replica may answer with an older end for a moment; three times in a row it is the ledger that went backwards.
const watchEnd = async (life: Life, signal: AbortSignal, fromStart: boolean): Promise<void> => {
  const { source, watchMs = 1000 } = life.options;
  let behind = 0;
  while (!signal.aborted) {
    const before = life.position;
    const end = await source.end().catch(() => undefined);
    if (end !== undefined) behind = end < before ? behind + 1 : 0;
    if (behind >= BACKWARDS_TRIES) {
      throw new ProjectionFault('WRIT-PRJ-002', `the ledger ends at ${end}, ${before} was projected`);
    }
    if (behind === 0 && fromStart) return;
    await pause(behind > 0 ? 50 : watchMs, signal);
  }
};

const showWhenCaughtUp = async (life: Life, at: Checkpoint): Promise<void> => {
  const { pool, source, onNotice } = life.options;
  if (at.seq < (await source.end())) return;
  if (!(await promote(pool, at))) return;
  onNotice?.({ event: 'projector.promoted', version: at.version, schema: at.schema });
};

const runOnce = async (life: Life): Promise<void> => {
  const { options } = life;
  const start = await openBuild(life);
  let building = start.state === 'building';
  moveTo(life, start.seq);
  await watchEnd(life, life.signal, true);
  const state = await restoreJudgeState(options.pool, start.schema, options.roots);
  // The rows just read must belong to this very checkpoint; a competitor may have moved on meanwhile.
  const now = await readCheckpoint(options.pool, start.version, start.build);
  if (now?.seq !== start.seq || now.state !== start.state) throw new CheckpointMoved();
  options.onNotice?.({ event: 'projector.started', seq: start.seq, schema: start.schema });
  const show = async (at: Checkpoint): Promise<void> => {
    if (!building) return;
    await showWhenCaughtUp(life, at);
    building = (await readCheckpoint(options.pool, at.version, at.build))?.state === 'building';
  };
  await show(start);
  await runWatched(life, (signal) =>
    runSession(
      {
        ...options,
        threads: life.threads,
        handlers: options.handlers ?? shippedHandlers,
        batchMessages: options.batchMessages ?? 2000,
        lingerMs: options.lingerMs ?? 20,
        window: options.window ?? 256,
        onCommitted: async (at, batch) => {
          moveTo(life, at.seq);
          const [messages, junk] = [batch.count, batch.junk.rows];
          options.onNotice?.({ event: 'projector.committed', seq: at.seq, messages, junk });
          await show(at);
        },
      },
      start,
      state,
      signal,
    ),
  );
};

const runWatched = async (life: Life, work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  life.signal.addEventListener('abort', end);
  if (life.signal.aborted) end();
  try {
    const watch = watchEnd(life, stop.signal, false).finally(end);
    const session = work(stop.signal).finally(end);
    const [, worked] = await Promise.allSettled([watch, session]);
    if (worked.status === 'rejected' && faultOf(worked.reason) !== undefined) throw worked.reason;
    await watch;
    await session;
  } finally {
    life.signal.removeEventListener('abort', end);
  }
};

// While a competitor moves the checkpoint there is nothing to gain; once it stands still, this one takes over.
const standBy = async (life: Life): Promise<void> => {
  for (let seen = -1; !life.signal.aborted; ) {
    const at = await openBuild(life);
    if (at.seq === seen) return;
    seen = at.seq;
    moveTo(life, at.seq);
    life.options.onNotice?.({ event: 'projector.standby', seq: at.seq });
    await pause(STANDBY_MS * (1 + Math.random()), life.signal);
  }
};

const recover = async (life: Life, error: unknown): Promise<void> => {
  const fault = faultOf(error);
  if (fault !== undefined) throw fault;
  if (error instanceof CheckpointMoved) return standBy(life);
  const name = error instanceof Error ? error.name : 'unknown';
  life.options.onNotice?.({ event: 'projector.retrying', error: name });
  await pause(RETRY_MS, life.signal);
};

const live = async (life: Life): Promise<void> => {
  let failed: { readonly error: unknown } | undefined;
  while (!life.signal.aborted) {
    try {
      if (failed === undefined) await runOnce(life);
      else await recover(life, failed.error);
      failed = undefined;
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) {
        failed = { error };
        continue;
      }
      life.fault = fault;
      life.options.onFault?.(fault);
      return;
    }
  }
};

const waitFor = (life: Life, seq: number, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      life.waiters.delete(look);
      resolve(life.position >= seq);
    };
    const look = (): void => {
      if (life.position >= seq || life.fault !== undefined || life.signal.aborted) finish();
    };
    const timer = setTimeout(finish, Math.min(timeoutMs, 2 ** 31 - 1));
    life.waiters.add(look);
    look();
  });

/**
 * Starts a projection: it reads the ledger in order from its checkpoint, verifies every frame, and writes rows and checkpoint
 * in one transaction per batch; exactly-once effect, also with competitors and after SIGKILL (ARCHITECTURE §8). Lost
 * connections are tried again for ever; a fault (WRIT-PRJ-001, -002, -004) ends it. Of an older version than the live one it
 * refuses to run; of a newer one it builds beside it and swaps when it has caught up.
 */
export const startProjector = (options: ProjectorOptions): Projector => {
  const controller = new AbortController();
  const threads = createVerifyPool(Math.min(MOST_THREADS, availableParallelism()));
  const life: Life = { options, signal: controller.signal, threads, waiters: new Set(), position: 0 };
  const running = live(life)
    .finally(() => moveTo(life, life.position))
    .finally(threads.close);
  return {
    position: () => life.position,
    fault: () => life.fault,
    reached: (seq, timeoutMs) => waitFor(life, seq, timeoutMs),
    stop: async () => {
      controller.abort();
      await running;
    },
  };
};
