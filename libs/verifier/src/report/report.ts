// What the verifier says: two verdicts that are never mixed, the findings behind them, and what was read. Shapes only.
import type {
  BundleKind,
  BundleQuery,
  CommandId,
  Digest,
  EventId,
  Family,
  Kid,
  LedgerSeq,
} from '@writ/contracts';
import type { VerifierCode } from '../codes.js';
import type { CommitmentsReport } from '../disclosed/commitments.js';

/**
 * INVALID: altered, incomplete or reordered. DIVERGED: a checkpoint that was signed elsewhere shows another history. UNANCHORED:
 * holds together; no checkpoint says that its end was not cut off. SEALED: the sealer signed it. WITNESSED: and as many witnesses
 * as were asked for.
 */
export type RecordVerdict = 'INVALID' | 'DIVERGED' | 'UNANCHORED' | 'SEALED' | 'WITNESSED';

/** Whether every action stayed within its authority. UNDETERMINED: the ledger alone does not tell. */
export type AuthorityVerdict = 'WITHIN' | 'VIOLATION' | 'UNDETERMINED';

/** VOID is a statement, not a fault: the event keeps its place and has no effect. */
export type FindingVerdict = 'INVALID' | 'DIVERGED' | 'VIOLATION' | 'UNDETERMINED' | 'VOID';

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
  /** The root over everything that was read, base64; `null` unless that begins at 1 without a gap. */
  readonly root: string | null;
};

/** The checkpoint that the record verdict rests on. `unsealed`: messages beyond it. */
export type SealReport = {
  readonly origin: string;
  readonly size: LedgerSeq;
  readonly root: string;
  readonly time: string | null;
  readonly sealer: Kid | null;
  readonly unsealed: number;
  /** `holds`: computed again; `shown`: by proofs; `none`: not stated, or not looked at. */
  readonly heads: 'holds' | 'shown' | 'none' | 'differs';
  readonly witnesses: readonly { readonly name: string; readonly operator: string; readonly at: string }[];
};

/** A checkpoint that came another way, and how it stands to these messages. */
export type OutsideReport = {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly signers: readonly string[];
  readonly standing:
    | 'consistent'
    | 'longer'
    | 'differs'
    | 'unknown-signer'
    | 'other-origin'
    | 'not-comparable';
};

/** What a bundle says about itself. `by`: the key that exported it, and who that is in this ledger. */
export type BundleReport = {
  readonly kind: BundleKind | 'receipt';
  readonly query: BundleQuery | { readonly kind: 'receipt'; readonly intentId: string };
  readonly by: { readonly kid: Kid; readonly holder: string | null } | null;
  readonly createdAt: string | null;
  readonly disclosures: number;
  /** What became of the private values, when the bundle was made with those that are there; else `null`. */
  readonly commitments: CommitmentsReport | null;
  /** What it does not show, in words. */
  readonly notShown: readonly string[];
};

/**
 * The report. As JSON it is this value. `findings` are all, in ledger order, those of VOID events too; `omitted` counts the ones beyond the first
 * 10,000 of each verdict.
 */
export type Report = {
  readonly org: string;
  readonly complete: boolean;
  /** The ledger's own name, from its first message; `null` when that is not here. */
  readonly origin: string | null;
  readonly bundle: BundleReport | null;
  readonly seal: SealReport | null;
  readonly outside: readonly OutsideReport[];
  readonly record: { readonly verdict: RecordVerdict; readonly findings: readonly Finding[] };
  readonly authority: {
    readonly verdict: AuthorityVerdict;
    readonly receipts: {
      readonly within: number;
      readonly violation: number;
      readonly undetermined: number;
    };
    /** How many of these receipts lie beyond the checkpoint that the record rests on: nobody has sealed them. 0 without one. */
    readonly beyondSeal: number;
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
