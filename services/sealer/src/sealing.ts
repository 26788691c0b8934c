// The sealer's loop: reads the ledger in order, every message, and seals in time. Dies at any point: what was signed is in the file
// before anybody has seen it, and the next start goes on where the database stands.
import { LedgerGapError, type StoredMessage } from '@writ/ledger';
import { RuntimeFault, startTicker } from '@writ/runtime';
import { markMessage } from './mark.js';
import type { SignedCheckpoint } from './notes.js';
import { assertGenesis } from './opening.js';
import { assertSameLedger, publish, resume, seal } from './seal.js';
import {
  beginWork,
  type Cadence,
  pause,
  queue,
  refuse,
  type SealingParts,
  sayRefusal,
  type Work,
} from './work.js';

export interface Sealing {
  /** True while every message is sealed in time and nothing is refused. */
  current(): boolean;
  refusal(): RuntimeFault | undefined;
  signed(): SignedCheckpoint | undefined;
  /** Publishes a note besides (a cosigned one), between two checkpoints. */
  publish(note: SignedCheckpoint): Promise<void>;
  stop(): Promise<void>;
}

const USUAL: Cadence = { every: 256, withinMs: 1_000, heartbeatMs: 60_000 };
/** Until the ledger has given again what was signed, nothing is signed, and larger steps do. */
const CATCH_UP = 8_192;
/** What has come while a checkpoint was written goes into the next one, up to so many messages. */
const MOST = 4_096;
const TICK_MS = 50;
const LOOK_MS = 1_000;
const LATE_MS = 10_000;
const REMIND_MS = 60_000;

const take = (work: Work, message: StoredMessage): void => {
  const next = work.tree.size() + 1;
  if (message.seq !== next) throw new LedgerGapError(`message ${next} is missing: ${message.seq} came`);
  if (next === 1) {
    assertGenesis(work.org, work.origin, message);
    work.first = markMessage(message);
  }
  work.tree.take(message);
  work.latest = message;
  work.waitingSince ??= performance.now();
};

const isDue = ({ tree, ahead, cadence = USUAL }: Work): boolean =>
  tree.size() === ahead[0]?.checkpoint.size ||
  tree.pending() >= (ahead.length > 0 ? CATCH_UP : cadence.every);

const read = async (work: Work): Promise<void> => {
  const { signal } = work.abort;
  let sealing = false;
  for await (const message of work.ledger.read(work.tree.size() + 1, { signal })) {
    if (signal.aborted) return;
    take(work, message);
    const mustWait = work.ahead.length > 0 || work.tree.pending() >= MOST;
    if (!isDue(work) || (sealing && !mustWait)) continue;
    sealing = true;
    const sealed = queue(work, () => seal(work)).then(() => {
      sealing = false;
    });
    if (mustWait) await sealed;
  }
};

const onReadingFailed = (work: Work, error: unknown): void => {
  if (work.abort.signal.aborted) return;
  if (error instanceof RuntimeFault) refuse(work, error);
  else if (error instanceof LedgerGapError) refuse(work, new RuntimeFault(error.code, error.message));
  else work.onFailure(error);
};

const tick = async (work: Work): Promise<void> => {
  const { cadence = USUAL, waitingSince, signed, ahead } = work;
  const now = performance.now();
  if (waitingSince !== undefined && now - waitingSince >= cadence.withinMs)
    await queue(work, () => seal(work));
  if (signed !== undefined && ahead.length === 0 && now - work.publishedAt >= cadence.heartbeatMs)
    await queue(work, () => publish(work, signed));
};

/** The ledger's end as its leader tells it; asked three times before it is believed to have gone back. */
const lookAtEnd = async (work: Work): Promise<void> => {
  for (let tries = 1; tries <= 3; tries += 1) {
    const size = work.tree.size();
    const end = await work.ledger.end().catch(() => undefined);
    if (end === undefined || end >= size) return;
    if (tries === 3) refuse(work, new RuntimeFault('WRIT-SEA-003', `it ends at ${end}, ${size} was read`));
    await pause(200);
  }
};

const look = async (work: Work): Promise<void> => {
  if (work.refusal !== undefined) return;
  await lookAtEnd(work);
  await queue(work, () => assertSameLedger(work, work.first));
  if (work.tree.pending() === 0) await queue(work, () => assertSameLedger(work));
};

/** Begins to seal. What it may not go on after is a refusal: then it stays down, and the process lives to say so. */
export const startSealing = (parts: SealingParts): Sealing => {
  const work = beginWork(parts);
  const reading = queue(work, () => resume(work))
    .then(() => (work.refusal === undefined ? read(work) : undefined))
    .catch((error: unknown) => onReadingFailed(work, error));
  const tickers = [
    startTicker(TICK_MS, work.log, () => tick(work)),
    startTicker(LOOK_MS, work.log, () => look(work)),
    startTicker(REMIND_MS, work.log, () => sayRefusal(work)),
  ];
  return {
    current: () => {
      const since = work.waitingSince ?? Number.POSITIVE_INFINITY;
      return work.refusal === undefined && work.ahead.length === 0 && performance.now() - since < LATE_MS;
    },
    refusal: () => work.refusal,
    signed: () => work.signed,
    publish: (note) => queue(work, () => publish(work, note)),
    stop: async () => {
      work.abort.abort();
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      await reading;
      await work.turn;
    },
  };
};
