// Invariant 3: one receipt per intent, for one audience that asked for exactly it, and one outcome chain.
import {
  type AgentScope,
  environmentOf,
  type LedgerDocumentOf,
  type OutcomeEvent,
  subjects,
} from '@writ/contracts';
import { canonicalize } from '@writ/crypto';
import { type Action, type IssuedReceipt, noOutcome, type OutcomeSoFar } from '../folded/actions.js';
import type { View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { Tolerances } from '../tolerances.js';
import { commandFlaws } from './commands-work-once.js';
import { type Flaw, flawIf } from './flaw.js';
import { embeddedFrame } from './keys-and-frames.js';

type Receipt = Judged<LedgerDocumentOf<'writ.authority.receipt-issued.v1'>>;
type Withheld = Judged<LedgerDocumentOf<'writ.authority.receipt-withheld.v1'>>;
type Outcome = Judged<OutcomeEvent>;
type Reported = LedgerDocumentOf<'writ.outcome.succeeded.v1' | 'writ.outcome.failed.v1'>;
type Checked = LedgerDocumentOf<'writ.outcome.verified.v1' | 'writ.outcome.contradicted.v1'>;

const ASKERS = ['agent', 'enforcement-point'] as const;

/** The request of a receipt or of a refusal to give one: signed by its asker, for this intent of this agent. */
const requestOf = (
  view: View,
  event: Receipt | Withheld,
  audience?: { readonly name: string; readonly kid: string },
) => {
  const expected = {
    roles: ASKERS,
    holder: audience?.name,
    kid: audience?.kid,
    subject: (holder: string) => subjects.receipt(holder),
  };
  return embeddedFrame(view, event, 'receipt-request', expected, 'request');
};

/** Who may ask for a receipt of an agent: the agent itself, or an enforcement point of its environment. */
const mayAct = (role: string | undefined, holder: string | undefined, agent: AgentScope): boolean =>
  role === 'agent'
    ? holder === agent
    : holder !== undefined && environmentOf(holder) === environmentOf(agent);

/** Judges that a receipt is the only one of its intent and goes to the one who asked for it. */
export const oneReceiptFlaws = (view: View, event: Receipt): readonly Flaw[] => {
  const { document } = event;
  const { agent, intentId, audience, what } = document.data;
  const before = view.actions.of(intentId).receipt;
  const second = flawIf(before !== undefined, 'WRIT-VER-131', `the first one is ${before?.id}`);
  const { document: request, key, flaws } = requestOf(view, event, audience);
  if (request === undefined) return [...second, ...flaws];
  const { data, id } = request;
  const asked =
    data.intentId === intentId &&
    data.agent === agent &&
    data.argsDigest === what.argsDigest &&
    document.id === `${id}.authority.0`;
  const late = event.ms > Date.parse(data.expires) + Tolerances.clockMs;
  const may = mayAct(key?.role, key?.holder, agent);
  return [
    ...second,
    ...flaws,
    ...flawIf(!asked, 'WRIT-VER-119', 'the signed request is for something else'),
    ...flawIf(late, 'WRIT-VER-119', `the request expired at ${data.expires}`),
    ...flawIf(!may, 'WRIT-VER-132', `${audience.name} may not act for ${agent}`),
  ];
};

/** Judges a withheld receipt: somebody asked for it. */
export const withheldFlaws = (view: View, event: Withheld): readonly Flaw[] => {
  const { document: request, flaws } = requestOf(view, event);
  const other = request !== undefined && request.data.intentId !== event.document.data.intentId;
  return [...flaws, ...flawIf(other, 'WRIT-VER-119', 'the signed request is for another intent')];
};

type Asked = { readonly view: View; readonly event: Outcome; readonly receipt: IssuedReceipt };

/** The report is signed by the one named, for this receipt, and says what was recorded. */
const reportFlaws = (
  { view, event, receipt }: Asked,
  { data }: Reported | Checked,
  by: { readonly name: string; readonly kid: string },
  as: 'executor' | 'verifier',
): readonly Flaw[] => {
  const subject = (holder: string) => subjects.outcome(holder);
  const expected = { roles: ASKERS, holder: by.name, kid: by.kid, subject };
  const { document: report, flaws } = embeddedFrame(view, event, 'outcome-report', expected, 'report');
  if (report === undefined) return flaws;
  const said = report.data;
  const status = event.document.type === 'writ.outcome.failed.v1' ? 'failed' : 'succeeded';
  const same =
    said.receipt === receipt.id &&
    said.intentId === data.intentId &&
    said.agent === data.agent &&
    said.as === as &&
    (as === 'verifier' || said.status === status) &&
    canonicalize(said.effects as never) === canonicalize(data.effects as never) &&
    event.document.id === `${report.id}.outcome.0`;
  const late = as === 'executor' && Date.parse(said.startedAt) > receipt.expiresMs + Tolerances.clockMs;
  return [
    ...flaws,
    ...flawIf(!same, 'WRIT-VER-136', 'the signed report says something else'),
    ...flawIf(late, 'WRIT-VER-137', `it began at ${said.startedAt}`),
  ];
};

const reported = (asked: Asked, so: OutcomeSoFar, document: Reported): readonly Flaw[] => {
  const by = document.data.reportedBy;
  const other = by.name !== asked.receipt.audience.name;
  return [
    ...flawIf(so.reported || so.reconciled, 'WRIT-VER-134', 'it had been reported or reconciled'),
    ...flawIf(other, 'WRIT-VER-135', `${by.name} is not the audience of the receipt`),
    ...reportFlaws(asked, document, by, 'executor'),
  ];
};

const checked = (asked: Asked, so: OutcomeSoFar, document: Checked): readonly Flaw[] => {
  const { verifiedBy: by, agent } = document.data;
  const own = by.name === asked.receipt.audience.name;
  const far = environmentOf(by.name) !== environmentOf(agent);
  const early = !so.reported && !so.reconciled;
  return [
    ...flawIf(own || far, 'WRIT-VER-135', `${by.name} may not verify this`),
    ...flawIf(so.verifiers.includes(by.name), 'WRIT-VER-134', `${by.name} had verified it`),
    ...flawIf(early, 'WRIT-VER-134', 'nothing was reported that could be verified'),
    ...reportFlaws(asked, document, by, 'verifier'),
  ];
};

const unknown = ({ event, receipt }: Asked, so: OutcomeSoFar | undefined): readonly Flaw[] => {
  const early = event.ms < receipt.expiresMs - Tolerances.clockMs;
  return [
    ...flawIf(so !== undefined, 'WRIT-VER-134', 'an outcome is recorded'),
    ...flawIf(early, 'WRIT-VER-134', 'the receipt was still good'),
  ];
};

const reconciled = (
  { view, event }: Asked,
  so: OutcomeSoFar,
  { data }: LedgerDocumentOf<'writ.outcome.reconciled.v1'>,
): readonly Flaw[] => {
  const environment = environmentOf(data.agent);
  const { flaws } = commandFlaws(view, event, {
    service: 'receipt-ledger',
    role: 'operator',
    scope: environment,
    asks: (action) =>
      action.do === 'reconcile' &&
      action.environment === environment &&
      action.intentId === data.intentId &&
      action.status === data.status,
  });
  const open = so.unknown && !so.reconciled;
  return [...flawIf(!open, 'WRIT-VER-134', 'there is no unknown outcome to reconcile'), ...flaws];
};

/** Judges an outcome against the receipt that it names and what was recorded of it before. */
export const outcomeFlaws = (view: View, event: Outcome, action: Action): readonly Flaw[] => {
  const { document } = event;
  const { intentId, receipt: named, agent } = document.data;
  const { receipt, outcome } = action;
  if (receipt?.id !== named || receipt.agent !== agent) {
    return [{ code: 'WRIT-VER-133', reason: `intent ${intentId} has no receipt ${named} of this agent` }];
  }
  const asked: Asked = { view, event, receipt };
  const so = outcome ?? noOutcome;
  switch (document.type) {
    case 'writ.outcome.succeeded.v1':
    case 'writ.outcome.failed.v1':
      return reported(asked, so, document);
    case 'writ.outcome.verified.v1':
    case 'writ.outcome.contradicted.v1':
      return checked(asked, so, document);
    case 'writ.outcome.unknown.v1':
      return unknown(asked, outcome);
    case 'writ.outcome.reconciled.v1':
      return reconciled(asked, so, document);
  }
};
