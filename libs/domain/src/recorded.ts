// The three shapes that every decider shares: what was recorded, what is to be written, what was decided.
import type { AgentScope, EventId, LedgerDocument, LedgerEventType, LedgerSeq } from '@writ/contracts';

/** An admitted, effective ledger event: `seq` and `time` are the server's, `digest` is the event's own. */
export type Recorded<D = LedgerDocument> = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly time: string;
  readonly digest: string;
  readonly document: D;
};

/** An event before it is placed in its chains and signed. */
export type Draft = {
  readonly id: EventId;
  readonly type: LedgerEventType;
  readonly agent?: AgentScope;
  readonly causationid: string;
  readonly correlationid: string;
  readonly traceparent?: string;
  readonly data: object;
};

/** What a decider answers: a result for the asker and the events that make it true. */
export type Decision<R> = { readonly result: R; readonly events: readonly Draft[] };
