// Collects findings and receipts' verdicts while the ledger is read. Bounded; settles verdicts at the end.
import type { CommandId, EventId, LedgerSeq } from '@writ/contracts';
import { invariantOf, type VerifierCode } from '../codes.js';
import { type Break, breakOf, breakUnder } from '../record/breaks.js';
import type { Finding, FindingVerdict, ReceiptFinding } from './report.js';

/** What is found about one message. */
export type Found = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly id: EventId | '';
  readonly code: VerifierCode;
  readonly reason: string;
  readonly verdict: FindingVerdict;
};

/** A receipt as judged: `worst` is what speaks against it. */
export type JudgedReceipt = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly id: EventId;
  readonly intentId: CommandId;
  readonly worst: { readonly code: VerifierCode; readonly undetermined: boolean } | undefined;
};

/** At most so many are kept of each verdict. */
const KEEP = 10_000;

/** What came of it all. */
export type Settled = {
  readonly findings: readonly Finding[];
  readonly notWithin: readonly ReceiptFinding[];
  readonly within: number;
  /** How many receipts, within or not, come after this message. */
  receiptsBeyond(size: LedgerSeq): number;
  readonly omitted: number;
};

export type Findings = {
  add(found: Found): void;
  receipt(judged: JudgedReceipt): void;
  settle(): Settled;
};

const softened = (finding: Finding, breaks: readonly Break[]): Finding => {
  const broken = finding.verdict === 'VIOLATION' ? breakUnder(finding, breaks) : undefined;
  if (broken === undefined) return finding;
  const reason = `${finding.reason} (the record that this rests on does not hold from ${broken.seq} on)`;
  return { ...finding, verdict: 'UNDETERMINED', reason };
};

const receiptFinding = (judged: JudgedReceipt, breaks: readonly Break[]): ReceiptFinding | undefined => {
  if (judged.worst === undefined) return undefined;
  const { seq, id, intentId, worst } = judged;
  const unsure = worst.undetermined || breakUnder(judged, breaks) !== undefined;
  return { seq, id, intentId, verdict: unsure ? 'UNDETERMINED' : 'VIOLATION', code: worst.code };
};

/** Creates an empty collection. */
export const createFindings = (): Findings => {
  const kept: Finding[] = [];
  const counts = new Map<FindingVerdict, number>();
  const receipts: JudgedReceipt[] = [];
  const places: LedgerSeq[] = [];
  let within = 0;
  let omitted = 0;
  return {
    add: (found) => {
      const count = (counts.get(found.verdict) ?? 0) + 1;
      counts.set(found.verdict, count);
      if (count <= KEEP) kept.push({ ...found, invariant: invariantOf(found.code) });
      else omitted += 1;
    },
    receipt: (judged) => {
      places.push(judged.seq);
      if (judged.worst === undefined) within += 1;
      else receipts.push(judged);
    },
    settle: () => {
      const breaks = kept.flatMap((finding) =>
        finding.verdict === 'INVALID' || finding.code === 'WRIT-VER-108' ? (breakOf(finding) ?? []) : [],
      );
      const findings = kept.map((finding) => softened(finding, breaks)).sort((a, b) => a.seq - b.seq);
      const notWithin = receipts.flatMap((judged) => receiptFinding(judged, breaks) ?? []);
      const receiptsBeyond = (size: LedgerSeq): number => places.filter((seq) => seq > size).length;
      return { findings, notWithin, within, omitted, receiptsBeyond };
    },
  };
};
