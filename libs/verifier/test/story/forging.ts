// How tests forge: an honest draft with something in it said otherwise, really signed by the service that would sign it.
import type { LedgerDocument } from '@writ/contracts';
import type { Draft } from '@writ/domain';
import { expect } from 'vitest';
import { exitCodeOf, type Report } from '../../src/index.js';
import { type Decided, receiptDrafts, report as reportOutcome, request } from './actions.js';
import type { TestLedger } from './ledger.js';
import { type ballot, escalate, vote } from './people.js';
import { codesOf } from './verifying.js';

/** The data of a draft or event, field by field. */
export type Loose = Readonly<Record<string, object>>;

/** The data of a draft or event as fields that may be texts. */
export const fieldsOf = (data: unknown): Readonly<Record<string, string>> =>
  data as Readonly<Record<string, string>>;

/** A draft with some of its data said otherwise. */
export const altered = (draft: Draft, change: (data: Loose) => object): Draft => {
  const data = { ...(draft.data as Loose), ...change(draft.data as Loose) };
  expect(data).not.toEqual(draft.data);
  return { ...draft, data };
};

export const expectViolation = (report: Report, ...codes: readonly string[]): void => {
  expect(report.record.verdict).toBe('UNANCHORED');
  expect(report.authority.verdict).toBe('VIOLATION');
  expect(codesOf(report.findings)).toEqual(codes);
  expect(exitCodeOf(report)).toBe(2);
};

/** The receipt that an honest receipt-ledger would issue. */
export const receiptOf = (ledger: TestLedger, asked: Decided, by = asked.agent): Draft =>
  receiptDrafts(ledger, asked, request(ledger, asked, by), by)[0]!;

export const approved = (ledger: TestLedger): Decided => {
  const asked = escalate(ledger);
  vote(ledger, asked, 'ann');
  vote(ledger, asked, 'ben');
  return asked;
};

export const draftOf = ({ id, type, agent, causationid, correlationid, data }: LedgerDocument): Draft => ({
  ...{ id, type, causationid, correlationid, data },
  ...(agent === undefined ? {} : { agent }),
});

/** The outcome that the receipt-ledger would record, not written. */
export const outcomeDraft = (ledger: TestLedger, asked: Decided): Draft => {
  const { document } = reportOutcome(ledger, asked);
  ledger.undo();
  return draftOf(document);
};

/** The drafts of an honest vote, not written. */
export const voteDrafts = (ledger: TestLedger, asked: Decided, person: string): readonly Draft[] => {
  const written = vote(ledger, asked, person);
  for (const _ of written) ledger.undo();
  return written.map(({ document }) => draftOf(document));
};

/** The same draft with another vote in it, of another person. */
export const revote = (draft: Draft, signed: ReturnType<typeof ballot>, person: string): Draft => {
  const id = draft.id.replace(/^[^.]+/, signed.document.id);
  if (draft.type === 'writ.approval.voted.v1') {
    const data = { person, vote: signed.frame, voteDigest: signed.digest };
    return { ...altered(draft, () => data), id };
  }
  const by = (draft.data as unknown as { readonly by: readonly string[] }).by.slice(0, -1);
  return { ...altered(draft, () => ({ by: [...by, person] })), id };
};
