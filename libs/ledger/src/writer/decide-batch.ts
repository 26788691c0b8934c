// Deciding what waits, one command after another, each on the state that includes the ones before. No IO.
import type { LedgerSeq } from '@writ/contracts';
import { link } from '@writ/crypto';
import { type Chain, type Envelope, extend, readLedgerSubject } from '@writ/domain';
import type { EventDraft, LedgerEvent } from '../event.js';
import { MAX_APPEND } from '../ledger.js';
import { MAX_DOCUMENT_BYTES } from '../seal.js';
import type { Command } from './command.js';
import type { SealedEvent, WriterOptions } from './types.js';
import type { Point } from './view.js';

/** A command with what it came to. */
export type Planned<S> = {
  readonly command: Command<S>;
  readonly result: unknown;
  readonly sealed: readonly SealedEvent[];
};

/** What goes out together. `base`: the chain on which it was decided; `expected`: the subject's last sequence then. */
export type Batch<S> = {
  readonly base: Chain;
  readonly expected: LedgerSeq;
  readonly decidedAt: number;
  readonly planned: readonly Planned<S>[];
  readonly sealed: readonly SealedEvent[];
};

/** An own event as folds see it; provisional (`seq` 0, no bytes) until it is stored. */
export const ownEvent = (
  subject: string,
  sealed: SealedEvent,
  stored: { readonly seq: LedgerSeq; readonly bytes: Uint8Array } = { seq: 0, bytes: new Uint8Array() },
): LedgerEvent => {
  const at = readLedgerSubject(subject);
  if (at === undefined) throw new TypeError(`${subject} is not a ledger subject`);
  const document = sealed.document as unknown as LedgerEvent['document'];
  return { ...stored, ...at, time: document.time, subject, document, digest: sealed.digest, void: false };
};

type Cursor<S> = { readonly state: S; readonly chain: Chain };
type Sealing<S> = { readonly sealed: readonly SealedEvent[]; readonly after: Cursor<S> };

const sealAll = <S>(
  options: WriterOptions<S>,
  at: Cursor<S>,
  seen: LedgerSeq,
  drafts: readonly EventDraft[],
): Sealing<S> => {
  const { subject, seal, fold } = options;
  const sealed: SealedEvent[] = [];
  let { state, chain } = at;
  for (const draft of drafts) {
    const event = seal(draft, { subject, chain, seen });
    event.bytes.catch(() => undefined);
    sealed.push(event);
    chain = extend(chain, event.document as unknown as Envelope, event.digest, link);
    state = fold.evolve(state, ownEvent(subject, event));
  }
  return { sealed, after: { state, chain } };
};

/** Refuses what no append could hold; answers whether the command may go on. */
const isWritable = <S>(command: Command<S>, sealed: readonly SealedEvent[]): boolean => {
  if (sealed.length > MAX_APPEND) {
    command.settle({
      kind: 'refused',
      code: 'WRIT-LED-010',
      reason: `${sealed.length} events by one command`,
    });
  } else if (sealed.some(({ size }) => size > MAX_DOCUMENT_BYTES)) {
    command.settle({
      kind: 'refused',
      code: 'WRIT-LED-012',
      reason: `a document above ${MAX_DOCUMENT_BYTES} bytes`,
    });
  }
  return !command.answered;
};

const planOne = <S>(
  options: WriterOptions<S>,
  at: Cursor<S>,
  seen: LedgerSeq,
  command: Command<S>,
): { readonly planned: Planned<S>; readonly after: Cursor<S> } | undefined => {
  try {
    const { result, events } = command.request.decide({ ...at, seen });
    const { sealed, after } = sealAll(options, at, seen, events);
    return isWritable(command, sealed) ? { planned: { command, result, sealed }, after } : undefined;
  } catch (error) {
    command.fail(error);
    return undefined;
  }
};

/**
 * Decides as many waiting commands as fit and takes them from `queue` (in place). A command that would overfill the batch
 * stays; it is decided anew with the next one.
 */
export const decideBatch = <S>(
  options: WriterOptions<S>,
  tip: Point<S>,
  queue: Command<S>[],
  now: number,
): Batch<S> => {
  const seen = options.follower.position();
  const limit = options.maxBatch ?? 256;
  const planned: Planned<S>[] = [];
  const sealed: SealedEvent[] = [];
  let at: Cursor<S> = { state: tip.state, chain: tip.chain };
  for (let command = queue[0]; command !== undefined; command = queue[0]) {
    const plan = command.answered ? undefined : planOne(options, at, seen, command);
    if (plan !== undefined && sealed.length > 0 && sealed.length + plan.planned.sealed.length > limit) break;
    queue.shift();
    if (plan === undefined) continue;
    planned.push(plan.planned);
    sealed.push(...plan.planned.sealed);
    at = plan.after;
    if (sealed.length >= limit || planned.length >= 4 * limit) break;
  }
  return { base: tip.chain, expected: tip.last, decidedAt: now, planned, sealed };
};
