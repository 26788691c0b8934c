// The one way a live message enters a service: shed, addressed, verified, parsed, then handled; answered only to its sender.

import type { Msg } from '@nats-io/transport-node';
import {
  type Code,
  isInboxOf,
  type LiveKind,
  nextStep,
  type ParsedSubject,
  parseSubject,
  type Refused,
  refused,
} from '@writ/contracts';
import { joinFrames } from '@writ/crypto';
import type { RegistryKey } from '@writ/domain';
import { thrownAt } from '../thrown-at.js';
import { createTokenBuckets } from '../token-bucket.js';
import { signLiveWith } from './live.js';
import { type OpenedLive, openLive } from './open-live.js';
import type { Plane } from './plane.js';
import { createWorkLine } from './work-line.js';

/** A verified live message. `sender` is true by the bus's subject permissions and by the signature. */
export type Received<K extends LiveKind> = OpenedLive<K> & { readonly sender: ParsedSubject };

/** What a handler answers: frames, line by line; a refusal; or nothing at all. */
export type Answer =
  | { readonly kind: 'frames'; readonly frames: readonly Uint8Array[] }
  | Refused
  | undefined;

export type IntakeOptions<K extends LiveKind> = {
  readonly kind: K;
  readonly subject: string;
  readonly queue?: string;
  /** Whether this key may sign this document on this subject: role and holder. */
  readonly mayHold: (key: RegistryKey, sender: ParsedSubject) => boolean;
  readonly handle: (message: Received<K>) => Promise<Answer>;
  /** Tokens a second and at most, per sending subject. */
  readonly rate?: number;
  readonly burst?: number;
  /**
   * At most so many are verified and handled at the same time; no limit when absent. Those that wait are not opened yet, so that
   * a thousand messages of this kind do not stand before one of another.
   */
  readonly atOnce?: number;
};

/** Who sent it, and owns the inbox to which an answer may go. A service that reports gets none: it reads the ledger. */
const inboxOwner = (sender: ParsedSubject): string | undefined => {
  if ('asker' in sender) return sender.asker;
  if (sender.kind === 'report') return sender.service;
  return 'person' in sender ? sender.person : undefined;
};

/**
 * Subscribes a service to a kind of live message. Guarantees: a sender beyond its rate is shed before parsing and counted; the
 * signature is verified here, whoever verified it before; nothing is answered except to the sender's own inbox; no input
 * crashes the service. `stop` drains the subscription and waits for what is in hand.
 */
export const createIntake = <K extends LiveKind>(
  plane: Plane,
  options: IntakeOptions<K>,
): { stop(): Promise<void> } => {
  const buckets = createTokenBuckets({
    rate: options.rate ?? 2000,
    burst: options.burst ?? 4000,
    clock: plane.clock,
  });
  plane.reportShed(options.kind, buckets);
  const line = createWorkLine<Msg>(options.atOnce ?? Number.POSITIVE_INFINITY, (message) =>
    take(plane, options, message),
  );
  const subscription = plane.bus.subscribe(options.subject, {
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    callback: (error, message) => {
      if (error !== null) return;
      if (buckets.take(message.subject)) line.add(message);
    },
  });
  return {
    stop: async () => {
      await subscription.drain();
      await line.empty();
    },
  };
};

const take = async <K extends LiveKind>(
  plane: Plane,
  options: IntakeOptions<K>,
  message: Msg,
): Promise<void> => {
  const sender = parseSubject(message.subject);
  const owner = sender === undefined ? undefined : inboxOwner(sender);
  if (sender === undefined || owner === undefined) return count(plane, options, 'WRIT-FRM-008');
  if (message.reply && !isInboxOf(owner, message.reply)) return count(plane, options, 'WRIT-FRM-010');
  const { answer, id } = await attempt(plane, options, message, sender);
  if (answer?.kind === 'refused') count(plane, options, answer.code);
  if (answer === undefined || !message.reply || sender.kind === 'report') return;
  try {
    await publishAnswer(plane, options, message, answer, id);
  } catch (error) {
    report(plane, options, 'intake.unanswered', error);
  }
};

/** An answer that the bus would not carry is given as a refusal: the asker is told, and the service lives. */
const publishAnswer = async (
  plane: Plane,
  options: { readonly kind: LiveKind },
  message: Msg,
  answer: NonNullable<Answer>,
  id: string,
): Promise<void> => {
  const limit = plane.bus.info?.max_payload ?? Number.POSITIVE_INFINITY;
  const bytes =
    answer.kind === 'frames' ? joinFrames(answer.frames) : await refusal(plane, message, answer, id);
  const publish = (body: Uint8Array): void => plane.bus.publish(message.reply as string, body);
  if (bytes.length <= limit) {
    publish(bytes);
    return;
  }
  plane.log.error({ event: 'intake.answer-too-large', intake: options.kind, bytes: bytes.length });
  const instead = refused('WRIT-RUN-005', 'the answer is larger than a message may be');
  count(plane, options, instead.code);
  publish(await refusal(plane, message, instead, id));
};

/** Which error, and where. Never its message: that may hold what came from outside. */
const report = (plane: Plane, options: { readonly kind: LiveKind }, event: string, error: unknown): void =>
  plane.log.error({
    event,
    intake: options.kind,
    error: error instanceof Error ? error.name : typeof error,
    at: thrownAt(error),
  });

const attempt = async <K extends LiveKind>(
  plane: Plane,
  options: IntakeOptions<K>,
  message: Msg,
  sender: ParsedSubject,
): Promise<{ answer: Answer; id: string }> => {
  try {
    const opened = await open(plane, options, message, sender);
    if (opened.kind === 'refused') return { answer: opened, id: '' };
    return { answer: await options.handle(opened.received), id: opened.received.document.id };
  } catch (error) {
    report(plane, options, 'intake.failed', error);
    return { answer: refused('WRIT-RUN-005', 'the service failed on this message'), id: '' };
  }
};

type Opened<K extends LiveKind> = { readonly kind: 'opened'; readonly received: Received<K> } | Refused;

const open = async <K extends LiveKind>(
  plane: Plane,
  options: IntakeOptions<K>,
  message: Msg,
  sender: ParsedSubject,
): Promise<Opened<K>> => {
  const opened = await openLive(plane, options.kind, message.subject, message.data);
  if (opened.kind === 'refused') return opened;
  if (!options.mayHold(opened.key, sender))
    return refused('WRIT-FRM-007', `a key of role ${opened.key.role} may not sign this here`);
  return { kind: 'opened', received: { ...opened, sender } };
};

const refusal = async (plane: Plane, message: Msg, answer: Refused, id: string): Promise<Uint8Array> => {
  const data = {
    code: answer.code,
    reason: answer.reason.slice(0, 300).toWellFormed(),
    next: nextStep(answer.code),
    inReplyTo: id,
    retry: RETRY.has(answer.code),
  };
  const at = { time: plane.timestamp() };
  return (await signLiveWith('refusal', message.subject, data, plane.key, at)).bytes;
};

/** Codes after which the same id may be asked again. */
const RETRY: ReadonlySet<Code> = new Set<Code>([
  'WRIT-DEC-009',
  'WRIT-RCP-001',
  'WRIT-RCP-008',
  'WRIT-RCP-009',
  'WRIT-RCP-013',
  'WRIT-RCP-015',
  'WRIT-LED-002',
  'WRIT-LED-007',
  'WRIT-LED-008',
  'WRIT-LED-009',
  'WRIT-LED-011',
  'WRIT-HLT-003',
  'WRIT-RCP-006',
]);

const count = (plane: Plane, options: { readonly kind: LiveKind }, code: Code): void => {
  plane.metrics.refused(code);
  plane.log.debug({ event: 'refused', intake: options.kind, code });
};
