// Decides outcomes: one report of the executor, verification by others, unknown when nobody reported, reconciliation.
import {
  type AgentScope,
  type Command,
  type EventId,
  environmentOf,
  type Frame,
  type Kid,
  type OutcomeReport,
  type Refused,
  type Timestamp,
} from '@writ/contracts';
import type { ReceiptView } from '../authority/authority.state.js';
import { decided, draftOf, refusal, vouchedBy } from '../draft.js';
import { plusSeconds } from '../instant.js';
import type { Decision } from '../recorded.js';
import { effectsContradict } from './effects.js';
import { isOverdue, type Outcome, type OutcomeState, OutcomeTimes } from './outcome.state.js';

/** `report` is the verified document, `frame` its frame; `receipt` that of the intent, from the authority fold. */
export type ReportInput = {
  readonly report: OutcomeReport;
  readonly frame: Frame;
  /** The certificate of the session key that signed it. */
  readonly session?: Frame | undefined;
  readonly asker: { readonly name: AgentScope; readonly kid: Kid };
  readonly receipt: ReceiptView | undefined;
  readonly now: Timestamp;
};

/** `recorded` now or `known` from before, and what the report came to. */
export type ReportResult = {
  readonly kind: 'recorded' | 'known';
  readonly eventId: EventId;
  readonly status: 'succeeded' | 'failed' | 'verified' | 'contradicted';
};

type Asked = ReportInput & { readonly receipt: ReceiptView };

const base = ({ receipt }: Asked) => ({
  agent: receipt.agent,
  intentId: receipt.intentId,
  receipt: receipt.eventId,
});

const causes = ({ report, receipt }: Asked) => ({
  id: `${report.id}.outcome.0`,
  agent: receipt.agent,
  causationid: receipt.eventId,
  correlationid: receipt.intentId,
});

const asExecutor = (input: Asked, outcome: Outcome | undefined): Decision<ReportResult | Refused> => {
  const { report, frame, session, asker, receipt, now } = input;
  if (asker.name !== receipt.audience.name) {
    return refusal('WRIT-RCP-005', 'only the audience of the receipt reports as executor');
  }
  const earlier = outcome?.report;
  if (earlier !== undefined) {
    return earlier.reportId === report.id
      ? decided({ kind: 'known', eventId: earlier.event, status: earlier.status })
      : refusal('WRIT-RCP-012', 'the executor has reported');
  }
  if (outcome?.reconciled !== undefined) return refusal('WRIT-RCP-012', 'the outcome was reconciled');
  const { status, effects, result } = report.data;
  const type = status === 'succeeded' ? 'writ.outcome.succeeded.v1' : 'writ.outcome.failed.v1';
  const draft = draftOf(type, causes(input), {
    ...base(input),
    ...{
      report: frame,
      ...vouchedBy(session),
      reportedBy: asker,
      effects,
      result,
      late: receipt.expires < now,
    },
  });
  return decided({ kind: 'recorded', eventId: draft.id, status }, draft);
};

/** What a verifier's word is measured against: the executor's report, or what a person reconciled. */
const claimed = (outcome: Outcome | undefined) =>
  outcome === undefined || outcome.status === 'unknown'
    ? undefined
    : { status: outcome.status, effects: outcome.report?.effects ?? [] };

const asVerifier = (input: Asked, outcome: Outcome | undefined): Decision<ReportResult | Refused> => {
  const { report, frame, session, asker, receipt } = input;
  const executor = outcome?.report?.by.name ?? receipt.audience.name;
  const independent = asker.name !== executor && asker.name !== receipt.audience.name;
  if (!independent || environmentOf(asker.name) !== environmentOf(receipt.agent)) {
    return refusal(
      'WRIT-FRM-007',
      'who executed cannot verify; a verifier is another one of the environment',
    );
  }
  const earlier = outcome?.verifications.find((v) => v.by.name === asker.name);
  if (earlier !== undefined) {
    return earlier.reportId === report.id
      ? decided({ kind: 'known', eventId: earlier.event, status: earlier.verdict })
      : refusal('WRIT-RCP-012', 'you have verified this outcome');
  }
  const claim = claimed(outcome);
  if (claim === undefined) return refusal('WRIT-RCP-011', 'there is no reported outcome to verify yet');
  const { status, effects } = report.data;
  const against = status !== claim.status || effectsContradict(claim.effects, effects);
  const type = against ? 'writ.outcome.contradicted.v1' : 'writ.outcome.verified.v1';
  const draft = draftOf(type, causes(input), {
    ...base(input),
    ...{ report: frame, ...vouchedBy(session), verifiedBy: asker, effects },
  });
  const verdict = against ? 'contradicted' : 'verified';
  return decided({ kind: 'recorded', eventId: draft.id, status: verdict }, draft);
};

/**
 * Decides an outcome report. The executor (the receipt's audience) reports once; the same signed report again is `known`.
 * After `unknown` a report is still recorded, as late evidence, and does not change the status. A verifier is never the
 * executor; it says `verified` or `contradicted` about what was reported. Refuses: no such receipt or nothing to verify yet
 * (WRIT-RCP-011), not its audience (-005), recorded already (-012), a verifier that is the executor (WRIT-FRM-007).
 */
export const decideReport = (input: ReportInput, state: OutcomeState): Decision<ReportResult | Refused> => {
  const { report, receipt } = input;
  const { intentId, agent, receipt: named, as } = report.data;
  const fits = receipt?.eventId === named && receipt.intentId === intentId && receipt.agent === agent;
  if (receipt === undefined || !fits) {
    return refusal('WRIT-RCP-011', 'no such receipt was issued for this intent of this agent');
  }
  const outcome = state.outcomes.get(intentId);
  return as === 'executor'
    ? asExecutor({ ...input, receipt }, outcome)
    : asVerifier({ ...input, receipt }, outcome);
};

/** An open receipt; `graceSeconds` defaults to `OutcomeTimes`. */
export type UnknownInput = {
  readonly receipt: ReceiptView;
  readonly now: Timestamp;
  readonly graceSeconds?: number;
};

/** `recorded`, `known` (there is an outcome), or `not-due`. */
export type UnknownResult =
  | { readonly kind: 'recorded'; readonly eventId: EventId }
  | { readonly kind: 'known'; readonly outcome: Outcome }
  | { readonly kind: 'not-due' };

/** Records `unknown`, once, for a receipt that is past its end and the grace time without any report. */
export const decideUnknown = (
  { receipt, now, graceSeconds = OutcomeTimes.graceSeconds }: UnknownInput,
  state: OutcomeState,
): Decision<UnknownResult> => {
  const outcome = state.outcomes.get(receipt.intentId);
  if (outcome !== undefined) return decided({ kind: 'known', outcome });
  if (!isOverdue(receipt, now, graceSeconds)) return decided({ kind: 'not-due' });
  const { agent, intentId, eventId } = receipt;
  const draft = draftOf(
    'writ.outcome.unknown.v1',
    { id: `${intentId}.outcome.0`, agent, causationid: eventId, correlationid: intentId },
    { agent, intentId, receipt: eventId, expired: plusSeconds(receipt.expires, graceSeconds) },
  );
  return decided({ kind: 'recorded', eventId: draft.id }, draft);
};

/** `authorised`: the author is an operator of the environment (role check by the caller). */
export type ReconcileInput = {
  readonly command: Command;
  readonly frame: Frame;
  readonly authorised: boolean;
  readonly now: Timestamp;
};

/** What the person found, and the event that says so. */
export type ReconcileResult = {
  readonly kind: 'reconciled' | 'known';
  readonly eventId: EventId;
  readonly status: 'succeeded' | 'failed';
};

const reconcilable = (
  { command, authorised, now }: ReconcileInput,
  outcome: Outcome,
): Decision<Refused> | undefined => {
  if (!authorised) return refusal('WRIT-REG-001', 'only an operator of the environment reconciles');
  if (command.data.expires <= now) {
    return refusal('WRIT-REG-005', `the command expired at ${command.data.expires}`);
  }
  return outcome.status === 'unknown' ? undefined : refusal('WRIT-RCP-012', `it is ${outcome.status}`);
};

/**
 * A person says what became of an unknown outcome; from then on its idempotency key is free. Refuses: not an operator
 * (WRIT-REG-001), expired (WRIT-REG-005), nothing recorded (WRIT-RCP-011), not unknown (WRIT-RCP-012). The same again: `known`.
 */
export const decideReconcile = (
  input: ReconcileInput,
  state: OutcomeState,
): Decision<ReconcileResult | Refused> => {
  const { command, frame } = input;
  const { action } = command.data;
  const outcome = action.do === 'reconcile' ? state.outcomes.get(action.intentId) : undefined;
  if (
    action.do !== 'reconcile' ||
    outcome === undefined ||
    !outcome.agent.startsWith(`${action.environment}.`)
  ) {
    return refusal('WRIT-RCP-011', 'no outcome of this intent is recorded in this environment');
  }
  const id = `${command.id}.outcome.0`;
  const { status } = action;
  if (outcome.reconciled?.event === id) return decided({ kind: 'known', eventId: id, status });
  const no = reconcilable(input, outcome);
  if (no !== undefined) return no;
  const { agent, intentId, receipt } = outcome;
  const draft = draftOf(
    'writ.outcome.reconciled.v1',
    { id, agent, causationid: command.id, correlationid: intentId },
    { agent, intentId, receipt, status, command: frame },
  );
  return decided({ kind: 'reconciled', eventId: id, status }, draft);
};
