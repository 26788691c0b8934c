// What folds and writers see: an admitted event, a draft of one. Never raw, unverified bytes.
import type {
  AgentScope,
  Digest,
  EventId,
  Family,
  LedgerDocument,
  LedgerSeq,
  Scope,
  Timestamp,
} from '@writ/contracts';
import type { LedgerCode } from './codes.js';

/**
 * An event in its place: verified, admitted, in ledger order. While a writer decides a batch, its own events are folded
 * provisionally with `seq` 0 and empty `bytes`; once stored they are folded again with the real ones.
 */
export type LedgerEvent = {
  readonly seq: LedgerSeq;
  /** Server time, RFC 3339 UTC milliseconds. */
  readonly time: string;
  readonly subject: string;
  readonly family: Family;
  /** `<org>` for registry, `<org>.<project>.<env>` for all others. */
  readonly scope: Scope;
  readonly document: LedgerDocument;
  readonly digest: Digest;
  /** The stored frame, byte for byte. */
  readonly bytes: Uint8Array;
  /** True: its key was revoked or distrusted, or its type is unknown; it keeps its place and has no effect. */
  readonly void: boolean;
};

/** A message that counts in no chain: skipped, counted, alarmed. Never carries its content. */
export type JunkMessage = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly code: string;
  readonly reason: string;
};

/** Every message of a subject as the follower judged it. */
export type LedgerItem =
  | { readonly kind: 'event'; readonly event: LedgerEvent }
  | { readonly kind: 'junk'; readonly junk: JunkMessage };

/**
 * An event before it has a place and a signature. `id` is `<command id>.<family>.<n>`, so that a retry is the same event;
 * `agent` makes it a link of that agent's chain.
 */
export type EventDraft = {
  readonly id: EventId;
  /** `writ.<family>.<fact>.v<major>` */
  readonly type: string;
  /** Plain JSON; has a canonical form. */
  readonly data: object;
  readonly agent?: AgentScope | undefined;
  readonly causationid: string;
  readonly correlationid: string;
  readonly traceparent?: string | undefined;
  /** The event's own time; the sealer's clock when absent. */
  readonly time?: Timestamp | undefined;
};

/** A refusal or an unknown end, as a value. `indeterminate`: it may be stored or not; ask again with the same id. */
export type WriteRefusal = {
  readonly kind: 'refused' | 'indeterminate';
  readonly code: LedgerCode;
  readonly reason: string;
};
