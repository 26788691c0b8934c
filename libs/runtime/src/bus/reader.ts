// Owns reading the ledger from the account READERS: stateless direct gets, no consumer, nothing to leave behind. It never writes,
// and cannot: an answer can only land in this account.
import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import type { LedgerSeq } from '@writ/contracts';
import { LedgerGapError, type StoredMessage } from '@writ/ledger';
import { type Batch, fetchBatch, storedMessage } from './direct-batch.js';
import { ReaderSubjects } from './permissions.js';

/** The ledger as an auditor or the read model has it. Fits `LedgerSource` of @writ/projections. */
export interface ReaderLedger {
  /**
   * All messages from sequence `from` on (1 is the first), in order, then live, until `signal` aborts. Goes on by itself after
   * reconnects and restarts without a gap or a repeat; throws `LedgerGapError` (WRIT-LED-006) when the stream lacks messages or
   * has gone backwards, and what the connection says when it may not ask.
   */
  read(from: LedgerSeq, options?: { readonly signal?: AbortSignal }): AsyncIterable<StoredMessage>;
  /** Sequence of the stream's last message, from the leader; 0 when empty. Rejects when nobody answers. */
  end(): Promise<LedgerSeq>;
  /** The message at a sequence; `undefined` when there is none. Rejects when nobody answers. */
  at(seq: LedgerSeq): Promise<StoredMessage | undefined>;
}

/** `inboxPrefix`: that of the connection. `batch`: messages asked for at a time, 500; `pollMs`: pause at the end of the ledger, at most 100; `timeoutMs`: 2,000. */
export type ReaderOptions = {
  readonly inboxPrefix: string;
  readonly batch?: number;
  readonly pollMs?: number;
  readonly timeoutMs?: number;
};

type Settings = Required<ReaderOptions> & { readonly connection: NatsConnection };

const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** A message that is missing in this many answers (replicas may lag) is lost. */
const GAP_TRIES = 3;
/** How often a reader at rest asks the leader whether the ledger still reaches as far as it has read, ms. */
const LOOK_BACK_MS = 2_000;

/**
 * A reader of GOV_LEDGER over a connection of the account READERS (own nkey, own inbox prefix). The connection stays the
 * caller's. Needs nats-server 2.11 (batched direct get) and `allow_direct` on the stream. ADR 0005.
 */
export function createReaderLedger(connection: NatsConnection, options: ReaderOptions): ReaderLedger {
  const settings: Settings = {
    connection,
    inboxPrefix: options.inboxPrefix,
    batch: options.batch ?? 500,
    pollMs: Math.min(options.pollMs ?? 50, 100),
    timeoutMs: options.timeoutMs ?? 2_000,
  };
  return {
    read: (from, { signal } = {}) => follow(settings, Math.max(1, from), signal),
    end: () => endOf(settings),
    at: (seq) => messageAt(settings, seq),
  };
}

// While the caller works on one batch, the next one is on its way.
async function* follow(
  settings: Settings,
  from: LedgerSeq,
  outer: AbortSignal | undefined,
): AsyncIterable<StoredMessage> {
  const left = new AbortController();
  const signal = outer === undefined ? left.signal : AbortSignal.any([outer, left.signal]);
  const link = watchLink(settings.connection, signal);
  const fetch = (next: LedgerSeq) => nextMessages(settings, next, signal, link);
  let next = from;
  let upcoming = fetch(next);
  try {
    while (!signal.aborted) {
      const messages = await upcoming;
      next += messages.length;
      upcoming = fetch(next);
      upcoming.catch(() => undefined);
      for (const message of messages) {
        if (signal.aborted) return;
        yield message;
      }
    }
  } finally {
    left.abort();
  }
}

/** Asks until there is something at `next`; empty only when aborted. */
async function nextMessages(
  settings: Settings,
  next: LedgerSeq,
  signal: AbortSignal,
  link: Link,
): Promise<readonly StoredMessage[]> {
  let gaps = 0;
  let lookedBack = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const { messages } = await ask(settings, next, AbortSignal.any([signal, link.lost()]));
    const following = messages.filter((message, index) => message.seq === next + index);
    if (following.length > 0) return following;
    gaps = messages.length > 0 ? gaps + 1 : 0;
    if (gaps >= GAP_TRIES) throw new LedgerGapError(`message ${next} of the ledger is missing`);
    if (performance.now() - lookedBack > LOOK_BACK_MS) {
      await assertReaches(settings, next - 1);
      lookedBack = performance.now();
    }
    await pause(settings.pollMs, signal);
  }
  return [];
}

/** `lost()` aborts at the next change of the connection: what is asked now will not be answered after it. */
type Link = { readonly lost: () => AbortSignal };

function watchLink(connection: NatsConnection, signal: AbortSignal): Link {
  let current = new AbortController();
  const statuses = connection.status();
  const watch = async () => {
    for await (const { type } of statuses) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      current.abort();
      current = new AbortController();
    }
  };
  watch().catch(() => current.abort());
  signal.addEventListener('abort', () => (statuses as { readonly stop?: () => void }).stop?.(), {
    once: true,
  });
  return { lost: () => current.signal };
}

function ask(settings: Settings, from: LedgerSeq, signal: AbortSignal): Promise<Batch> {
  const { inboxPrefix, batch: size, timeoutMs } = settings;
  const request = { from, size, maxBytes: MAX_BATCH_BYTES, timeoutMs, signal, inboxPrefix };
  return fetchBatch(settings.connection, request);
}

// A leader that cannot be asked just now says nothing about the ledger; a permission that is missing will stay missing.
async function assertReaches(settings: Settings, seq: LedgerSeq): Promise<void> {
  const end = await endOf(settings).catch((error: unknown) => {
    if (isForbidden(error) || settings.connection.isClosed()) throw error;
    return undefined;
  });
  if (end !== undefined && end < seq) throw new LedgerGapError(`the ledger ends at ${end}, ${seq} was there`);
}

function isForbidden(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return [error, cause].some((one) => one instanceof PermissionViolationError);
}

async function endOf({ connection, timeoutMs }: Settings): Promise<LedgerSeq> {
  type Info = {
    readonly state?: { readonly last_seq?: unknown };
    readonly error?: { readonly description?: string };
  };
  const info = (await connection.request(ReaderSubjects.info, '', { timeout: timeoutMs })).json<Info>();
  const last = info.state?.last_seq;
  if (typeof last === 'number') return last;
  throw new Error(`the ledger does not tell its end: ${info.error?.description ?? 'no state'}`);
}

async function messageAt(
  { connection, timeoutMs }: Settings,
  seq: LedgerSeq,
): Promise<StoredMessage | undefined> {
  const query = JSON.stringify({ seq });
  const answer = await connection.request(ReaderSubjects.get, query, { timeout: timeoutMs });
  if (answer.headers?.code === 404) return undefined;
  const message = storedMessage(answer);
  if (message?.seq === seq) return message;
  throw new Error(`the ledger does not give message ${seq}: ${answer.headers?.description ?? 'no answer'}`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
