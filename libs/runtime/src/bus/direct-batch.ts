// Owns one batched direct get (nats-server 2.11) as the account READERS sees it. It never retries and never gives a message out of
// order: what does not follow on the one before it is left out.
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { LedgerSeq } from '@writ/contracts';
import type { StoredMessage } from '@writ/ledger';
import { ReaderSubjects } from './permissions.js';

/** What a request asks for: at most `size` messages and about `maxBytes` bytes from sequence `from` on. */
export type BatchRequest = {
  readonly from: LedgerSeq;
  readonly size: number;
  readonly maxBytes: number;
  /** Longest silence between two answers, ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The inbox prefix of the connection. */
  readonly inboxPrefix: string;
};

/**
 * `messages` in order, without a repeat. `complete`: the server said that this is all of the batch; else an answer was lost, none
 * came or the signal aborted, and what follows must be asked for again.
 */
export type Batch = { readonly messages: readonly StoredMessage[]; readonly complete: boolean };

type Collector = { readonly take: (message: Msg) => boolean; readonly result: () => Batch };

/** Asks once. Never rejects: a lost connection shows as an incomplete batch. */
export function fetchBatch(connection: NatsConnection, request: BatchRequest): Promise<Batch> {
  const inbox = createInbox(request.inboxPrefix);
  const { take, result } = collector();
  return new Promise((resolve) => {
    let subscription: Subscription | undefined;
    const finish = () => {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', finish);
      subscription?.unsubscribe();
      resolve(result());
    };
    const timer = setTimeout(finish, request.timeoutMs);
    request.signal.addEventListener('abort', finish);
    const callback = (error: Error | null, message: Msg) => {
      timer.refresh();
      if (error !== null || !take(message)) finish();
    };
    try {
      subscription = connection.subscribe(inbox, { callback });
      connection.publish(ReaderSubjects.get, query(request), { reply: inbox });
    } catch {
      finish();
    }
  });
}

function query({ from, size, maxBytes }: BatchRequest): string {
  return JSON.stringify({ seq: from, batch: size, max_bytes: maxBytes });
}

// Each answer names the sequence of the answer before it (0 for the first), which shows one that was lost on the way.
function collector(): Collector {
  const messages: StoredMessage[] = [];
  let last = 0;
  let complete = false;
  const take = (message: Msg): boolean => {
    const status = message.headers?.code ?? 0;
    if (status !== 0) {
      complete = status === 404 || (status === 204 && number(message, 'Nats-Last-Sequence') === last);
      return false;
    }
    const stored = storedMessage(message);
    if (stored === undefined || number(message, 'Nats-Last-Sequence') !== last || stored.seq <= last)
      return false;
    messages.push(stored);
    last = stored.seq;
    return true;
  };
  return { take, result: () => ({ messages, complete }) };
}

// A stored message keeps the headers that its writer gave it, of the same names too. The server's own come last.
function header(message: Msg, name: string): string {
  return message.headers?.last(name) ?? '';
}

/** A message as a direct get answers it; `undefined` for an answer without its sequence, subject or time. */
export function storedMessage(message: Msg): StoredMessage | undefined {
  const seq = number(message, 'Nats-Sequence');
  const subject = header(message, 'Nats-Subject');
  const time = milliseconds(header(message, 'Nats-Time-Stamp'));
  if (seq === 0 || subject === '' || time === undefined) return undefined;
  return { seq, subject, time, bytes: message.data };
}

function number(message: Msg, name: string): number {
  const text = header(message, name);
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

// RFC 3339 with up to nine digits of a second, to milliseconds.
function milliseconds(text: string): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  return parts === null ? undefined : `${parts[1]}.${(parts[2] ?? '').padEnd(3, '0').slice(0, 3)}Z`;
}
