// What the parts of the sealer's work share: the tree, what was signed, whether it may go on. It refuses once, for good, and aloud.
import type { SigningKey } from '@writ/crypto';
import type { Ledger, StoredMessage } from '@writ/ledger';
import { type Log, type Metrics, RuntimeFault, type SealStore } from '@writ/runtime';
import type { CheckpointStream } from './checkpoint-stream.js';
import type { Mark } from './mark.js';
import type { SignedCheckpoint } from './notes.js';
import type { Opened } from './opening.js';
import type { SealTree } from './seal-tree.js';

/** `every`: messages per checkpoint; `withinMs`: how old an unsealed message gets; `heartbeatMs`: publication without news. */
export type Cadence = { readonly every: number; readonly withinMs: number; readonly heartbeatMs: number };

export type SealingParts = {
  readonly org: string;
  readonly origin: string;
  readonly key: SigningKey;
  readonly ledger: Ledger;
  readonly stream: CheckpointStream;
  readonly store: SealStore;
  /** Where the last signed checkpoint is kept. */
  readonly dir: string;
  readonly tree: SealTree;
  readonly opened: Opened;
  readonly log: Log;
  readonly metrics: Metrics;
  /** 256 messages, 1 s, 60 s when absent. */
  readonly cadence?: Cadence;
  /** Hears of each checkpoint when it has been published. Must not throw. */
  readonly onSigned: (signed: SignedCheckpoint) => void;
  /** Called when what is needed is gone for good (the connection). */
  readonly onFailure: (error: unknown) => void;
};

/** The work in hand. */
export type Work = SealingParts & {
  readonly abort: AbortController;
  /** Trees that were signed and must be found again before anything else is signed. */
  readonly ahead: SignedCheckpoint[];
  mark: Mark | undefined;
  first: Mark | undefined;
  signed: SignedCheckpoint | undefined;
  latest: StoredMessage | undefined;
  /** Since when a message has been waiting for its checkpoint, on the monotonic clock. */
  waitingSince: number | undefined;
  publishedAt: number;
  refusal: RuntimeFault | undefined;
  turn: Promise<void>;
};

const RETRY_MS = [50, 200, 500, 1_000, 2_000];

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const beginWork = (parts: SealingParts): Work => ({
  ...parts,
  abort: new AbortController(),
  ahead: [...parts.opened.ahead],
  mark: parts.opened.mark,
  first: parts.opened.first,
  signed: parts.opened.last,
  latest: undefined,
  waitingSince: undefined,
  publishedAt: 0,
  refusal: undefined,
  turn: Promise.resolve(),
});

/** Says again why nothing is sealed. */
export const sayRefusal = ({ refusal, log }: Pick<Work, 'refusal' | 'log'>): void => {
  if (refusal !== undefined)
    log.fatal({ event: 'sealer.refused', code: refusal.code, why: refusal.reason, next: refusal.next });
};

/** Ends the work for good; the process lives on, not ready, and says so. */
export const refuse = (work: Work, fault: RuntimeFault): void => {
  if (work.refusal !== undefined || work.abort.signal.aborted) return;
  work.refusal = fault;
  work.metrics.refused(fault.code);
  sayRefusal(work);
  work.abort.abort();
};

/** Tries again what a lost connection may have stopped; a refusal passes through. */
export const insist = async (work: Work, what: string, attempt: () => Promise<void>): Promise<void> => {
  for (let n = 0; ; n += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof RuntimeFault || work.abort.signal.aborted) throw error;
      work.log.error({ event: 'sealer.retry', what, error: (error as Error).name });
      await pause(RETRY_MS[Math.min(n, RETRY_MS.length - 1)] as number);
    }
  }
};

/** The database is not what it was: a new start judges it afresh. */
const MENDED_BY_RESTART: readonly string[] = ['WRIT-SEA-001', 'WRIT-SEA-011'];

/** One thing at a time. Resolves when it is done, also when it was refused. */
export const queue = (work: Work, task: () => Promise<void>): Promise<void> => {
  const run = async (): Promise<void> => {
    if (work.refusal === undefined) await task();
  };
  work.turn = work.turn.then(run).catch((error: unknown) => {
    if (error instanceof RuntimeFault && !MENDED_BY_RESTART.includes(error.code)) refuse(work, error);
    else if (!work.abort.signal.aborted) work.onFailure(error);
  });
  return work.turn;
};
