// What becomes of a batch: its events enter the view, its commands are answered or wait again. No IO.
import type { LedgerSeq } from '@writ/contracts';
import type { MonotonicClock } from '../clock.js';
import type { LedgerItem, WriteRefusal } from '../event.js';
import type { Answers } from './answers.js';
import type { Command } from './command.js';
import { type Batch, ownEvent, type Planned } from './decide-batch.js';
import type { WriterOptions } from './types.js';
import { fallBack, takeStored, type View } from './view.js';

/** Everything that one writer holds. */
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

/** Where the events of a batch stand, in order. */
export type Landed = readonly { readonly seq: LedgerSeq; readonly bytes: Uint8Array }[];

/** Whether a command has anything to write. */
export const writes = <S>(planned: Planned<S>): boolean => planned.sealed.length > 0;

/** Puts what is not answered back to the front, to be decided again. */
export const requeue = <S>(core: Core<S>, batch: Batch<S>): void => {
  const alive = batch.planned.map(({ command }) => command).filter((command) => !command.answered);
  core.queue.unshift(...alive);
};

/** Tells whoever watches. */
export const alarm = <S>(core: Core<S>, code: string, reason: string): void =>
  core.options.onAlarm?.({ subject: core.options.subject, code, reason });

/** Ends the commands that write; the others are decided again. */
export const endWith = <S>(core: Core<S>, batch: Batch<S>, answer: WriteRefusal): void => {
  for (const planned of batch.planned) if (writes(planned)) planned.command.settle(answer);
  requeue(core, batch);
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
export const findLanded = <S>(core: Core<S>, batch: Batch<S>): Landed | undefined => {
  const byDigest = new Map(
    core.observed.flatMap((item) =>
      item.kind === 'event' ? [[item.event.digest, item.event] as const] : [],
    ),
  );
  const found = batch.sealed.flatMap(({ digest }) => byDigest.get(digest) ?? []);
  return found.length === batch.sealed.length ? found : undefined;
};

/** Makes up for messages that were judged before this writer watched the subject: junk on an otherwise empty one. */
export const raiseTo = <S>(core: Core<S>, last: LedgerSeq): void => {
  const { view } = core;
  if (view.confirmed.last < last) view.confirmed = { ...view.confirmed, last };
  core.answers.advance(view.confirmed.last);
  fallBack(view, core.options.fold.evolve);
};
