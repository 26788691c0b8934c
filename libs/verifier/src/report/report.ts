// What the verifier says: two verdicts that are never mixed, the findings behind them, and what was read. Shapes only.
import type { CommandId, Digest, EventId, Family, LedgerSeq } from '@writ/contracts';
import type { VerifierCode } from '../codes.js';

/** INVALID: altered, incomplete or reordered. UNANCHORED: holds together; no checkpoint says that its end was not cut off. */
export type RecordVerdict = 'INVALID' | 'UNANCHORED';

/** Whether every action stayed within its authority. UNDETERMINED: the ledger alone does not tell. */
export type AuthorityVerdict = 'WITHIN' | 'VIOLATION' | 'UNDETERMINED';

/** VOID is a statement, not a fault: the event keeps its place and has no effect. */
export type FindingVerdict = 'INVALID' | 'VIOLATION' | 'UNDETERMINED' | 'VOID';

/** One finding. `id` is the event's, or empty where there is none; `invariant` is that of ARCHITECTURE §7, 0 for the record. */
export type Finding = {
  readonly seq: LedgerSeq;
  readonly verdict: FindingVerdict;
  readonly code: VerifierCode;
  readonly subject: string;
  readonly id: EventId | '';
  readonly reason: string;
  readonly invariant: number;
};

/** A receipt that is not WITHIN, with the code that decided it. */
export type ReceiptFinding = {
  readonly seq: LedgerSeq;
  readonly id: EventId;
  readonly intentId: CommandId;
  readonly verdict: Exclude<AuthorityVerdict, 'WITHIN'>;
  readonly code: VerifierCode;
};

/** What was read: every message is an event, void or junk. */
export type Counts = {
  readonly messages: number;
  /** Effective events. */
  readonly events: number;
  readonly junk: number;
  readonly void: number;
  /** Effective events by family. */
  readonly byFamily: { readonly [F in Family]: number };
  readonly decisions: number;
  readonly receipts: number;
  readonly halts: number;
};

/** The chain of one subject at the end: version and running head. */
export type Tip = { readonly ver: number; readonly head: Digest };

/** Where it ends: the last message, and the chain of every subject. */
export type Head = {
  readonly seq: LedgerSeq;
  readonly time: string;
  readonly tips: { readonly [subject: string]: Tip };
};

/**
 * The report. As JSON it is this value. `findings` are all, in ledger order, those of VOID events too; `omitted` counts the ones beyond the first
 * 10,000 of each verdict.
 */
export type Report = {
  readonly org: string;
  readonly complete: boolean;
  readonly record: { readonly verdict: RecordVerdict; readonly findings: readonly Finding[] };
  readonly authority: {
    readonly verdict: AuthorityVerdict;
    readonly receipts: {
      readonly within: number;
      readonly violation: number;
      readonly undetermined: number;
    };
    readonly notWithin: readonly ReceiptFinding[];
    readonly findings: readonly Finding[];
  };
  readonly counts: Counts;
  /** Junk by the code for which it is junk. */
  readonly junk: { readonly [code: string]: number };
  readonly head: Head;
  readonly findings: readonly Finding[];
  readonly omitted: number;
};
