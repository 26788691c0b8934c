// Carrying one batch to its end: stored, refused, given back to be decided again, or unknown. One attempt at a time.
import type { LedgerSeq } from '@writ/contracts';
import type { AppendOutcome } from '../ledger.js';
import type { Batch } from './decide-batch.js';
import { alarm, type Core, endWith, findLanded, land, raiseTo, requeue, writes } from './landing.js';

/** A decision older than this is made again, rather than sent again, wherever that is safe. */
const MAX_DECISION_AGE_MS = 250;
/** How long one look waits for the follower before it asks the leader again. */
const FOLLOW_MS = 500;
const PAUSES_MS = [5, 20, 50, 100, 250, 500];

/** `open`: an attempt without an answer may still land at `expected`; until that is known nothing else may be concluded. */
type Attempt = { expected: LedgerSeq; open: boolean; silent: number };

const isAlive = <S>(batch: Batch<S>): boolean =>
  batch.planned.some((planned) => writes(planned) && !planned.command.answered);

const setUncertain = <S>(batch: Batch<S>, uncertain: boolean): void => {
  for (const planned of batch.planned) planned.command.uncertain = uncertain && writes(planned);
};

const refuse = <S>(
  core: Core<S>,
  batch: Batch<S>,
  attempt: Attempt,
  outcome: AppendOutcome & { readonly kind: 'refused' },
): void => {
  alarm(core, outcome.code, outcome.reason);
  const { code, reason } = outcome;
  endWith(
    core,
    batch,
    attempt.open
      ? { kind: 'indeterminate', code: 'WRIT-LED-002', reason }
      : { kind: 'refused', code, reason },
  );
};

/** The slot is taken: by ourselves, by junk only, or by someone whose event changes what we decide. */
const afterLostSlot = <S>(core: Core<S>, batch: Batch<S>, attempt: Attempt): 'retry' | 'over' => {
  const landed = findLanded(core, batch);
  if (landed !== undefined) {
    land(core, batch, landed);
    return 'over';
  }
  setUncertain(batch, false);
  const { tip } = core.view;
  const young = core.clock.now() - batch.decidedAt < MAX_DECISION_AGE_MS;
  if (young && tip.chain.head === batch.base.head) {
    Object.assign(attempt, { expected: tip.last, open: false, silent: 0 });
    return 'retry';
  }
  requeue(core, batch);
  return 'over';
};

const lookAtLeader = async <S>(
  core: Core<S>,
  batch: Batch<S>,
  attempt: Attempt,
): Promise<'retry' | 'over'> => {
  const { ledger, subject, follower } = core.options;
  const last = await ledger.lastOf(subject).catch(() => undefined);
  if (last === undefined) return 'retry';
  if (last < attempt.expected) {
    const reason = `the subject ends at ${last}, after ${attempt.expected} had been read`;
    refuse(core, batch, attempt, { kind: 'refused', code: 'WRIT-LED-006', reason });
    return 'over';
  }
  if (last > attempt.expected) {
    if (!(await follower.reached(last, FOLLOW_MS))) return 'retry';
    raiseTo(core, last);
    return afterLostSlot(core, batch, attempt);
  }
  if (attempt.open || core.clock.now() - batch.decidedAt < MAX_DECISION_AGE_MS) return 'retry';
  requeue(core, batch);
  return 'over';
};

const holdBack = async <S>(core: Core<S>, batch: Batch<S>, attempt: Attempt): Promise<void> => {
  if (!attempt.open) {
    requeue(core, batch);
    return core.clock.sleep(10);
  }
  const reason = 'sent, not confirmed, and held back since';
  endWith(core, batch, { kind: 'indeterminate', code: 'WRIT-LED-002', reason });
};

const pauseAfter = (outcome: AppendOutcome, attempt: Attempt): number => {
  if (outcome.kind === 'conflict') return outcome.retryAfterMs;
  if (outcome.kind === 'ambiguous') attempt.silent += 1;
  return PAUSES_MS[Math.min(attempt.silent, PAUSES_MS.length - 1)] ?? 500;
};

const attemptOnce = async <S>(
  core: Core<S>,
  batch: Batch<S>,
  frames: readonly Uint8Array[],
  attempt: Attempt,
): Promise<'retry' | 'over'> => {
  const { ledger, subject } = core.options;
  setUncertain(batch, true);
  const messages = batch.sealed.map(({ id }, index) => ({ id, bytes: frames[index] ?? new Uint8Array() }));
  const outcome = await ledger.append({ subject, expected: attempt.expected, messages });
  if (outcome.kind === 'stored') {
    land(
      core,
      batch,
      outcome.seqs.map((seq, index) => ({ seq, bytes: frames[index] ?? new Uint8Array() })),
    );
    return 'over';
  }
  if (outcome.kind === 'refused') {
    refuse(core, batch, attempt, outcome);
    return 'over';
  }
  if (outcome.kind === 'ambiguous') attempt.open = true;
  setUncertain(batch, attempt.open);
  const pause = pauseAfter(outcome, attempt);
  if (pause > 0) await core.clock.sleep(pause);
  return outcome.kind === 'again' ? 'retry' : lookAtLeader(core, batch, attempt);
};

/**
 * Appends a batch (ARCHITECTURE §6). After an attempt without an answer the same bytes are sent again, with the same
 * expectation, until the slot is seen to be taken: only then is it known that the first attempt cannot land any more.
 */
export const commitBatch = async <S>(core: Core<S>, batch: Batch<S>): Promise<void> => {
  const frames = await Promise.all(batch.sealed.map(({ bytes }) => bytes));
  for (const frame of frames) core.options.follower.vouch(frame);
  const attempt: Attempt = { expected: batch.expected, open: false, silent: 0 };
  while (isAlive(batch)) {
    if (!(core.options.guard?.() ?? true)) return holdBack(core, batch, attempt);
    if ((await attemptOnce(core, batch, frames, attempt)) === 'over') return;
  }
  requeue(core, batch);
};
