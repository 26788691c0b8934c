// The words that the Markdown and the HTML form of a report have in common.
import type { ComplianceReport, ReportControl, Sample } from '../report.js';

/** A link to the receipt of a sample, when its intent is known and an address was given. */
export const receiptLink = ({ intentId }: Sample, address: string | undefined): string | undefined =>
  intentId === null || address === undefined
    ? undefined
    : `${address.replace(/\/$/, '')}/v1/intents/${encodeURIComponent(intentId)}`;

/** What the reader must know before the table. */
export const preamble = (report: ComplianceReport): readonly string[] => [
  `Organisation ${report.org}, from ${report.from} to ${report.to}: ${report.events} events, counted up to ledger sequence ${report.head.seq} (digest ${report.head.digest}).`,
  `${report.totals.implements} controls implemented, ${report.totals['provides evidence for']} with evidence, ${report.totals['not addressed']} not addressed by this control plane.`,
  'This is evidence for an assessment, not a statement of conformity. Counts come from the read model; each event is signed, and “writ verify” shows that the ledger behind them holds.',
  ...(report.checkAgainstOriginal
    ? ['The wording of controls comes from public lists: check it against the original.']
    : []),
];

/** How a control stands, in words; nothing recorded is said, not hidden. */
export const standingWords = ({ standing, count }: ReportControl): string => {
  if (standing === 'not addressed') return standing;
  return count === 0 ? `${standing} (nothing recorded in this period)` : standing;
};

/** The name of a control; where the wording is the original's alone, that is said. */
export const titleWords = ({ title }: ReportControl): string => title ?? 'see the original';
