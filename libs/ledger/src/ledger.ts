// The port: what a ledger can do. Knows nothing of frames, keys or chains, and never retries by itself.
import type { LedgerSeq } from '@writ/contracts';
import type { LedgerCode } from './codes.js';

/** One stored message, valid or not. `time` is the server's, RFC 3339 UTC milliseconds; `bytes` exactly what was published. */
export type StoredMessage = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly time: string;
  readonly bytes: Uint8Array;
};

/** A message to append. `id` is the event id; it is for faults and logs only and never goes to the server. */
export type NewMessage = { readonly id: string; readonly bytes: Uint8Array };

/**
 * One attempt to append 1 to 1,000 messages to one subject, all or none. `expected`: the sequence of the subject's last
 * message as the writer knows it, 0 for an empty subject; `any`: no expectation (the kill-switch's facts alone).
 */
export type AppendRequest = {
  readonly subject: string;
  readonly expected: LedgerSeq | 'any';
  readonly messages: readonly NewMessage[];
};

/**
 * What became of one attempt (ARCHITECTURE §6).
 * - `stored`: durable, at these sequences, in order.
 * - `conflict`: nothing of this attempt stored; someone was first, or (10164, R3) something is in flight: wait `retryAfterMs`.
 * - `ambiguous`: no answer, or an answer that says nothing: it may be stored, or be stored yet.
 * - `again`: nothing of this attempt stored, the same bytes may be sent again (10176, or the connection is down).
 * - `refused`: nothing stored; the server says why (full, too large, ...). Alarm.
 */
export type AppendOutcome =
  | { readonly kind: 'stored'; readonly seqs: readonly LedgerSeq[] }
  | { readonly kind: 'conflict'; readonly retryAfterMs: number }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'again' }
  | { readonly kind: 'refused'; readonly code: LedgerCode; readonly reason: string };

/** Options of a live read. Without `subjects` every message is read; subjects may hold NATS wildcards. */
export type ReadOptions = { readonly subjects?: readonly string[]; readonly signal?: AbortSignal };

/** The ledger: one stream of messages, ordered by sequence (1, 2, ...), appended to under an expectation per subject. */
export interface Ledger {
  /** One attempt, never a retry. Never rejects for anything the server or the network does: that is an outcome. */
  append(request: AppendRequest): Promise<AppendOutcome>;
  /** Sequence of the subject's last message, junk included, from the leader; 0 when empty. Rejects when nobody answers. */
  lastOf(subject: string): Promise<LedgerSeq>;
  /** The subject's messages with a sequence above `after`, in order, from the leader; ends at the end. It may hold NATS wildcards. */
  load(subject: string, after: LedgerSeq): AsyncIterable<StoredMessage>;
  /**
   * All messages from sequence `from` on (1 is the first), in order, then live, until `signal` aborts. Resumes by itself
   * after reconnects and restarts without gap or repeat; throws `LedgerGapError` when the stream has lost messages.
   */
  read(from: LedgerSeq, options?: ReadOptions): AsyncIterable<StoredMessage>;
  /** Sequence of the stream's last message, from the leader. Rejects when nobody answers. */
  end(): Promise<LedgerSeq>;
  /** Releases subscriptions; the connection stays the caller's. */
  close(): Promise<void>;
}

/** The stream lacks messages that were there, or goes backwards (WRIT-LED-006). Whoever reads must stop. */
export class LedgerGapError extends Error {
  readonly code = 'WRIT-LED-006';
  override readonly name = 'LedgerGapError';
}

/** At most this many messages in one append (nats-server 2.12: error 10199 above). */
export const MAX_APPEND = 1000;
