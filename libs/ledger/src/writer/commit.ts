// Carrying one batch to its end: stored, refused, given back to be decided again, or unknown. One attempt at a time.
import type { LedgerSeq } from '@writ/contracts';
import type { MonotonicClock } from '../clock.js';
import type { LedgerItem } from '../event.js';
import type { AppendOutcome } from '../ledger.js';
import type { Answers } from './answers.js';
import type { Command } from './command.js';
import { type Batch, ownEvent, type Planned } from './decide-batch.js';
import type { WriterOptions } from './types.js';
import { fallBack, takeStored, type View } from './view.js';

/** A decision older than this is made again, rather than sent again, wherever that is safe. */
const MAX_DECISION_AGE_MS = 250;
/** How long one look waits for the follower before it asks the leader again. */
const FOLLOW_MS = 500;
const PAUSES_MS = [5, 20, 50, 100, 250, 500];

export type Core<S> = {
  readonly options: WriterOptions<S>;
  readonly clock: MonotonicClock;
  readonly view: View<S>;
  readonly answers: Answers<S>;
  readonly queue: Command<S>[];
  /** What the follower judged on the subject since the batch was decided. */
  observed: LedgerItem[];
  busy: boolean;
};

/** `open`: an attempt without an answer may still land at `expected`; until that is known nothing else may be concluded. */
type Attempt = { expected: LedgerSeq; open: boolean; silent: number };

type Landed = readonly { readonly seq: LedgerSeq; readonly bytes: Uint8Array }[];

const writes = <S>(planned: Planned<S>): boolean => planned.sealed.length > 0;

const isAlive = <S>(batch: Batch<S>): boolean =>
  batch.planned.some((planned) => writes(planned) && !planned.command.answered);

const setUncertain = <S>(batch: Batch<S>, uncertain: boolean): void => {
  for (const planned of batch.planned) planned.command.uncertain = uncertain && writes(planned);
};

const requeue = <S>(core: Core<S>, batch: Batch<S>): void => {
  const alive = batch.planned.map(({ command }) => command).filter((command) => !command.answered);
  core.queue.unshift(...alive);
};

const alarm = <S>(core: Core<S>, code: string, reason: string): void =>
  core.options.onAlarm?.({ subject: core.options.subject, code, reason });

/** Ends the commands that write; the others are decided again. */
const endWith = <S>(core: Core<S>, batch: Batch<S>, answer: Parameters<Command<S>['settle']>[0]): void => {
  for (const planned of batch.planned) if (writes(planned)) planned.command.settle(answer);
  requeue(core, batch);
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

const isEffective = (item: LedgerItem): boolean => item.kind === 'event' && !item.event.void;

/** Notes an own event that landed and has no effect (its key was revoked meanwhile, say). */
export const noteBad = <S>(core: Core<S>, seq: LedgerSeq, item: LedgerItem): void => {
  if (isEffective(item)) return;
  alarm(core, 'WRIT-LED-008', `an own event has no effect at ${seq}`);
  if (core.options.answer !== 'stored') core.answers.noteBad(seq, item);
};

const answerPlanned = <S>(core: Core<S>, planned: Planned<S>, landed: Landed, after: LedgerSeq): void => {
  const { command, result } = planned;
  const seqs = landed.map(({ seq }) => seq);
  const frames = landed.map(({ bytes }) => bytes);
  const waitFor = core.options.answer === 'stored' ? 0 : after;
  const answer = (): void => command.settle({ kind: 'done', result, frames, seqs });
  core.answers.await({ after: waitFor, seqs, command, answer });
};

/** Answers everything in the batch, in order; what wrote nothing answers after what stands before it. */
export const land = <S>(core: Core<S>, batch: Batch<S>, landed: Landed): void => {
  const judged = new Map(
    core.observed.map((item) => [item.kind === 'event' ? item.event.seq : item.junk.seq, item]),
  );
  for (const { seq } of landed) {
    const item = judged.get(seq);
    if (item !== undefined) noteBad(core, seq, item);
  }
  const { subject, fold } = core.options;
  const events = batch.sealed.flatMap((sealed, index) => {
    const stored = landed[index];
    return stored === undefined ? [] : [ownEvent(subject, sealed, stored)];
  });
  takeStored(core.view, events, fold.evolve);
  let offset = 0;
  let after = batch.expected;
  for (const planned of batch.planned) {
    const own = landed.slice(offset, offset + planned.sealed.length);
    offset += own.length;
    after = own.at(-1)?.seq ?? after;
    answerPlanned(core, planned, own, after);
  }
};

/** The batch as the follower has seen it stored; `undefined` when it has not landed. */
const findLanded = <S>(core: Core<S>, batch: Batch<S>): Landed | undefined => {
  const byDigest = new Map(
    core.observed.flatMap((item) =>
      item.kind === 'event' ? [[item.event.digest, item.event] as const] : [],
    ),
  );
  const found = batch.sealed.flatMap(({ digest }) => byDigest.get(digest) ?? []);
  return found.length === batch.sealed.length ? found : undefined;
};

/** Makes up for messages that were judged before this writer watched the subject: junk on an otherwise empty one. */
const raiseTo = <S>(core: Core<S>, last: LedgerSeq): void => {
  const { view } = core;
  if (view.confirmed.last < last) view.confirmed = { ...view.confirmed, last };
  core.answers.advance(view.confirmed.last);
  fallBack(view, core.options.fold.evolve);
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
