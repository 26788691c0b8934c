// The live read: one ordered consumer after another, each beginning where the last one ended. Never a gap, never a repeat.
import { type ConsumerMessages, jetstream, type OrderedConsumerOptions } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { LedgerSeq } from '@writ/contracts';
import { LedgerGapError, type ReadOptions, type StoredMessage } from '../ledger.js';
import type { Link } from './link.js';

const PAUSES_MS = [20, 50, 100, 250, 500];
const aborted = (options: ReadOptions): boolean => options.signal?.aborted ?? false;
/** How often the same missing message may be met before it counts as lost. */
const GAP_TRIES = 3;

export type LiveReader = {
  readonly connection: NatsConnection;
  readonly link: Link;
  readonly stream: string;
};

/** How long opening a consumer may take. */
const OPEN_MS = 2_000;

const consumerOptions = (from: LedgerSeq, options: ReadOptions): Partial<OrderedConsumerOptions> => ({
  opt_start_seq: from,
  inactive_threshold: 10_000,
  ...(options.subjects === undefined ? {} : { filter_subjects: [...options.subjects] }),
});

const open = async (reader: LiveReader, from: LedgerSeq, options: ReadOptions): Promise<ConsumerMessages> => {
  if (!(await reader.link.whenUp(OPEN_MS))) throw new Error('the connection is down');
  const { consumers } = jetstream(reader.connection, { timeout: OPEN_MS });
  const opening = consumers.get(reader.stream, consumerOptions(from, options));
  const consumer = await reader.link.whileUp(opening);
  return consumer.consume({ max_messages: 500, expires: 4_000, idle_heartbeat: 1_000 });
};

/** The consumer may be gone: stop at once and begin anew, rather than wait for the client's own repair. */
const isBroken = (type: string): boolean =>
  ['heartbeats_missed', 'consumer_not_found', 'stream_not_found', 'no_responders', 'reset'].includes(type);

const stopWhenBroken = (
  reader: LiveReader,
  messages: ConsumerMessages,
  signal?: AbortSignal,
): (() => void) => {
  const stop = (): void => messages.stop();
  const unwatch = reader.link.onLost(stop);
  void (async () => {
    for await (const { type } of messages.status()) if (isBroken(type)) stop();
  })().catch(stop);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  return () => {
    signal?.removeEventListener('abort', stop);
    unwatch();
    stop();
  };
};

type Cursor = { next: LedgerSeq; failures: number; gaps: number };

async function* session(
  reader: LiveReader,
  cursor: Cursor,
  options: ReadOptions,
): AsyncIterable<StoredMessage> {
  const messages = await open(reader, cursor.next, options);
  const release = stopWhenBroken(reader, messages, options.signal);
  try {
    for await (const message of messages) {
      if (aborted(options)) return;
      if (message.seq < cursor.next) continue;
      if (options.subjects === undefined && message.seq > cursor.next) {
        cursor.gaps += 1;
        return;
      }
      cursor.next = message.seq + 1;
      cursor.failures = 0;
      cursor.gaps = 0;
      const time = new Date(message.time).toISOString();
      yield { seq: message.seq, subject: message.subject, time, bytes: message.data };
    }
  } finally {
    release();
  }
}

const pause = (cursor: Cursor): Promise<void> => {
  const ms = PAUSES_MS[Math.min(cursor.failures, PAUSES_MS.length - 1)] ?? 500;
  cursor.failures += 1;
  return new Promise((resolve) => setTimeout(resolve, ms));
};

/** Reads from `from` on until the signal aborts or the connection is closed for good (then it throws). */
export async function* readLive(
  reader: LiveReader,
  from: LedgerSeq,
  options: ReadOptions,
): AsyncIterable<StoredMessage> {
  const cursor: Cursor = { next: Math.max(1, from), failures: 0, gaps: 0 };
  while (!aborted(options)) {
    try {
      yield* session(reader, cursor, options);
    } catch (error) {
      if (reader.connection.isClosed()) throw error;
    }
    if (reader.connection.isClosed()) throw new Error('the connection is closed');
    if (cursor.gaps >= GAP_TRIES)
      throw new LedgerGapError(`message ${cursor.next} is missing from ${reader.stream}`);
    if (!aborted(options)) await pause(cursor);
  }
}
