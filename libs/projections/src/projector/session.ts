// One session of a projection: from a checkpoint along the ledger until it is stopped or something fails. It never skips.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sha256, type VerifyPool } from '@writ/crypto';
import type pg from 'pg';
import type { Handlers } from '../handlers/handlers.js';
import { type JudgeState, judge } from '../ledger/judge.js';
import { type Checked, createOpener, type Opener } from '../ledger/opener.js';
import type { LedgerSource, SourceMessage } from '../source.js';
import { addToBatch, type Batch, emptyBatch } from './batch.js';
import type { Checkpoint } from './checkpoint.js';
import { commitBatch } from './commit.js';
import { ProjectionFault } from './fault.js';
import { createBox, createHandOver, type HandOver } from './lanes.js';

/** What a session works with. `onCommitted` is called after every batch. */
export type SessionOptions = {
  readonly pool: pg.Pool;
  readonly source: LedgerSource;
  readonly handlers: Handlers;
  readonly threads: VerifyPool;
  readonly batchMessages: number;
  readonly lingerMs: number;
  readonly window: number;
  readonly onCommitted: (at: Checkpoint, batch: Batch) => void | Promise<void>;
};

// Large documents must not make a batch that does not fit into memory.
const MOST_BYTES = 8 * 1024 * 1024;

// Verified frames come in chunks; so many are judged before the batch that is being written gets a turn.
const JUDGED_PER_TURN = 16;

type Ahead = { readonly message: SourceMessage; readonly checking: Promise<Checked> | undefined };
type BatchBox = ReturnType<typeof createBox<Batch>>;

const checkNext = (message: SourceMessage, at: Checkpoint, expected: number): void => {
  if (message.seq !== expected) {
    throw new ProjectionFault('WRIT-PRJ-002', `message ${message.seq} where ${expected} is next`);
  }
  if (message.seq === at.seq && sha256(message.bytes) !== at.digest) {
    throw new ProjectionFault('WRIT-PRJ-002', `message ${at.seq} is not the one that was projected`);
  }
};

// Reads and has frames verified ahead. The message at the checkpoint itself comes first, to be compared only.
const readAhead = async (
  options: SessionOptions,
  at: Checkpoint,
  opener: Opener,
  out: HandOver<Ahead>,
  signal: AbortSignal,
): Promise<void> => {
  let expected = Math.max(1, at.seq);
  for await (const message of options.source.read(expected, { signal })) {
    if (signal.aborted) return;
    checkNext(message, at, expected);
    expected += 1;
    if (message.seq <= at.seq) continue;
    const full = out.put({ message, checking: opener.ahead(message.bytes) });
    if (full !== undefined) await full;
  }
  if (!signal.aborted) throw new Error('the ledger source ended');
};

const addOrFault = (batch: Batch, state: JudgeState, handlers: Handlers, ahead: Judgeable): void => {
  const judged = judge(state, ahead.message, ahead.checked);
  try {
    addToBatch(batch, judged, handlers);
  } catch (error) {
    const what = judged.kind === 'event' ? judged.envelope.type : 'junk';
    const reason = `the handler of ${what} failed at ${ahead.message.seq}`;
    throw new ProjectionFault('WRIT-PRJ-001', reason, { cause: error });
  }
};

type Judgeable = { readonly message: SourceMessage; readonly checked: Checked };

// Judges strictly in order. A key that was not known ahead is looked up again when it is the message's turn.
const fill = async (
  options: SessionOptions,
  state: JudgeState,
  opener: Opener,
  from: HandOver<Ahead>,
  box: BatchBox,
): Promise<void> => {
  for (let judged = 1; ; judged++) {
    const ahead = from.next() ?? (await from.take());
    if (ahead === undefined) return;
    const checked = await (ahead.checking ?? opener.now(ahead.message.bytes));
    if (box.full()) await box.room();
    addOrFault(box.content(), state, options.handlers, { message: ahead.message, checked });
    box.changed();
    if (judged % JUDGED_PER_TURN === 0) await nextTurn();
  }
};

const drain = async (options: SessionOptions, start: Checkpoint, box: BatchBox): Promise<void> => {
  let at = start;
  for (;;) {
    const batch = await box.swap(options.lingerMs);
    if (batch === undefined) return;
    at = await commitBatch(options.pool, at, batch, options.handlers);
    await options.onCommitted(at, batch);
  }
};

/**
 * Runs until the signal aborts (resolves) or something fails (rejects). What was judged before a failure is committed first,
 * so that the checkpoint stands right before the message that failed.
 */
export const runSession = async (
  options: SessionOptions,
  at: Checkpoint,
  state: JudgeState,
  signal: AbortSignal,
): Promise<void> => {
  const stop = new AbortController();
  const ahead = createHandOver<Ahead>(options.window);
  const box = createBox<Batch>({
    make: emptyBatch,
    isEmpty: (batch) => batch.count === 0,
    isFull: (batch) =>
      batch.count >= options.batchMessages || batch.bytes >= MOST_BYTES || batch.distrust !== undefined,
  });
  const opener = createOpener(state.directory, options.threads);
  const end = (): void => stop.abort();
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  stop.signal.addEventListener('abort', () => {
    ahead.end();
    box.close();
  });
  if (stop.signal.aborted) return;
  const loops = [
    readAhead(options, at, opener, ahead, stop.signal),
    fill(options, state, opener, ahead, box),
    drain(options, at, box),
  ];
  const failures: unknown[] = [];
  await Promise.all(
    loops.map((loop) =>
      loop.catch((error: unknown) => {
        failures.push(error);
        end();
      }),
    ),
  );
  signal.removeEventListener('abort', end);
  if (failures.length > 0) throw failures[0];
};
