// Folds outcome events, and (apart) the receipts that still wait for their first outcome event. Never decides.
import type { CommandId, LedgerDocument, OutcomeEvent } from '@writ/contracts';
import { Map as IMap } from 'immutable';
import type { ReceiptView } from '../authority/authority.state.js';
import type { Recorded } from '../recorded.js';
import type { Outcome, OutcomeState, Report, Verification } from './outcome.state.js';

type Of<T extends OutcomeEvent['type']> = Extract<OutcomeEvent, { type: T }>;
type Reported = Of<'writ.outcome.succeeded.v1'> | Of<'writ.outcome.failed.v1'>;
type Checked = Of<'writ.outcome.verified.v1'> | Of<'writ.outcome.contradicted.v1'>;

const idIn = (frame: { readonly signed: { readonly [key: string]: unknown } }): CommandId =>
  String(frame.signed['id'] ?? '');

const start = ({ data }: OutcomeEvent): Outcome => ({
  agent: data.agent,
  intentId: data.intentId,
  receipt: data.receipt,
  status: 'unknown',
  verifications: [],
});

const reported = (known: Outcome | undefined, d: Reported): Outcome => {
  const status = d.type === 'writ.outcome.succeeded.v1' ? 'succeeded' : 'failed';
  const { report: frame, reportedBy: by, effects, late } = d.data;
  const report: Report = { status, event: d.id, reportId: idIn(frame), by, effects, late };
  if (known === undefined) return { ...start(d), status, report };
  return known.report === undefined ? { ...known, report } : known;
};

const checked = (known: Outcome, d: Checked): Outcome => {
  const verification: Verification = {
    verdict: d.type === 'writ.outcome.verified.v1' ? 'verified' : 'contradicted',
    event: d.id,
    reportId: idIn(d.data.report),
    by: d.data.verifiedBy,
  };
  const told = known.verifications.some((v) => v.by.name === verification.by.name);
  return told ? known : { ...known, verifications: [...known.verifications, verification] };
};

const next = (known: Outcome | undefined, d: OutcomeEvent): Outcome | undefined => {
  switch (d.type) {
    case 'writ.outcome.succeeded.v1':
    case 'writ.outcome.failed.v1':
      return reported(known, d);
    case 'writ.outcome.unknown.v1':
      return known ?? { ...start(d), unknown: d.id };
    case 'writ.outcome.reconciled.v1': {
      if (known?.unknown === undefined || known.reconciled !== undefined) return known;
      const { status } = d.data;
      return { ...known, status, reconciled: { status, event: d.id } };
    }
    case 'writ.outcome.verified.v1':
    case 'writ.outcome.contradicted.v1':
      return known === undefined ? undefined : checked(known, d);
  }
};

const isOutcome = (d: LedgerDocument): d is OutcomeEvent => d.type.startsWith('writ.outcome.');

/** Folds one event; what is not an outcome event leaves the state as it is. */
export const evolveOutcome = (state: OutcomeState, { document }: Recorded): OutcomeState => {
  if (!isOutcome(document)) return state;
  const { intentId } = document.data;
  const before = state.outcomes.get(intentId);
  const after = next(before, document);
  if (after === undefined || after === before) return state;
  const outcomes = state.outcomes.set(intentId, after);
  const unknown = after.status === 'unknown' ? state.unknown.add(intentId) : state.unknown.remove(intentId);
  return { outcomes, unknown };
};

/** The receipts of one environment without any outcome event, by intent. */
export type OpenReceipts = IMap<CommandId, ReceiptView>;

/** Before any event. */
export const openReceiptsInitial: OpenReceipts = IMap();

/** Folds authority and outcome events: a receipt is open from its issue until anything is recorded of its outcome. */
export const evolveOpenReceipts = (open: OpenReceipts, rec: Recorded): OpenReceipts => {
  const d = rec.document;
  if (isOutcome(d)) return open.remove(d.data.intentId);
  if (d.type !== 'writ.authority.receipt-issued.v1') return open;
  const { intentId, agent, audience, what, when } = d.data;
  return open.set(intentId, {
    ...{ intentId, agent, audience, eventId: d.id, digest: rec.digest, seq: rec.seq },
    ...{ argsDigest: what.argsDigest, issued: when.issued, expires: when.expires },
  });
};
