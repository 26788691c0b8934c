// Puts the report together from what the audit kept. Judges nothing.
import type { Family, Token } from '@writ/contracts';
import { hashText, type TreeHash } from '@writ/crypto';
import type { Chain } from '@writ/domain';
import type { Position } from '../record/position.js';
import type { Sealed } from '../seal/seal.js';
import type { Settled } from './findings.js';
import type {
  AuthorityVerdict,
  BundleReport,
  Counts,
  Finding,
  RecordVerdict,
  Report,
  Tip,
} from './report.js';

/** What is counted on the way. */
export type Tally = {
  messages: number;
  events: number;
  readonly junk: Map<string, number>;
  void: number;
  readonly byFamily: { [F in Family]: number };
  decisions: number;
  receipts: number;
  halts: number;
};

/** What is known at the end beside what the messages say. `root`: over everything that was read. */
export type Ending = {
  readonly sealed?: Sealed | undefined;
  readonly origin?: string | undefined;
  readonly root?: TreeHash | undefined;
  readonly bundle?: BundleReport | undefined;
};

type Material = Ending & {
  readonly org: Token;
  readonly complete: boolean;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly tally: Tally;
  readonly position: Position;
  readonly settled: Settled;
};

const tipsOf = (chains: ReadonlyMap<string, Chain>): { readonly [subject: string]: Tip } =>
  Object.fromEntries(
    [...chains]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([subject, { ver, head }]): [string, Tip] => [subject, { ver, head }]),
  );

const countsOf = (tally: Tally): Counts => {
  const { messages, events, decisions, receipts, halts, byFamily } = tally;
  const junk = [...tally.junk.values()].reduce((sum, count) => sum + count, 0);
  return { messages, events, junk, void: tally.void, byFamily, decisions, receipts, halts };
};

const authorityVerdict = (findings: readonly Finding[]): AuthorityVerdict => {
  if (findings.some(({ verdict }) => verdict === 'VIOLATION')) return 'VIOLATION';
  return findings.some(({ verdict }) => verdict === 'UNDETERMINED') ? 'UNDETERMINED' : 'WITHIN';
};

const recordVerdict = (findings: readonly Finding[], sealed: Sealed | undefined): RecordVerdict => {
  if (findings.some(({ verdict }) => verdict === 'INVALID')) return 'INVALID';
  return findings.length > 0 ? 'DIVERGED' : (sealed?.verdict ?? 'UNANCHORED');
};

const receiptsOf = ({ notWithin, within }: Settled) => {
  const violation = notWithin.filter(({ verdict }) => verdict === 'VIOLATION').length;
  return { within, violation, undetermined: notWithin.length - violation };
};

/** The report of an audit. */
export const writeReport = (material: Material): Report => {
  const { org, complete, chains, tally, position, settled, sealed, root } = material;
  const { findings, notWithin, omitted } = settled;
  const record = findings.filter(({ verdict }) => verdict === 'INVALID' || verdict === 'DIVERGED');
  const authority = findings.filter(({ verdict }) => verdict === 'VIOLATION' || verdict === 'UNDETERMINED');
  const { seq, time } = position;
  return {
    org,
    complete,
    origin: material.origin ?? null,
    bundle: material.bundle ?? null,
    seal: sealed?.seal ?? null,
    outside: sealed?.outside ?? [],
    record: { verdict: recordVerdict(record, sealed), findings: record },
    authority: {
      verdict: authorityVerdict(authority),
      receipts: receiptsOf(settled),
      beyondSeal: sealed?.seal === undefined ? 0 : settled.receiptsBeyond(sealed.seal.size),
      notWithin,
      findings: authority,
    },
    counts: countsOf(tally),
    junk: Object.fromEntries([...tally.junk].sort(([a], [b]) => (a < b ? -1 : 1))),
    head: { seq, time, tips: tipsOf(chains), root: root === undefined ? null : hashText(root) },
    findings,
    omitted,
  };
};
