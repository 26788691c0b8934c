// What became of each receipt of one environment, as folded; and which receipts still wait for a report.
import type { AgentScope, CommandId, Effect, EventId, Kid, Timestamp } from '@writ/contracts';
import { Map as IMap, Set as ISet } from 'immutable';
import type { ReceiptView } from '../authority/authority.state.js';

/** How long after a receipt's end a report may come before the outcome is `unknown`. Seconds. */
export const OutcomeTimes = { graceSeconds: 60 } as const;

/** Who said something about an outcome. */
export type Reporter = { readonly name: AgentScope; readonly kid: Kid };

/** An executor's report as recorded. `reportId` is the id of the signed report. */
export type Report = {
  readonly status: 'succeeded' | 'failed';
  readonly event: EventId;
  readonly reportId: CommandId;
  readonly by: Reporter;
  readonly effects: readonly Effect[];
  readonly late: boolean;
};

/** A verifier's word on a report: never the executor's own. */
export type Verification = {
  readonly verdict: 'verified' | 'contradicted';
  readonly event: EventId;
  readonly reportId: CommandId;
  readonly by: Reporter;
};

/**
 * The outcome of one intent. `status` stays `unknown` once it was recorded, until a person reconciles it; a report that comes
 * after that is kept as evidence in `report` and does not change it.
 */
export type Outcome = {
  readonly agent: AgentScope;
  readonly intentId: CommandId;
  readonly receipt: EventId;
  readonly status: 'succeeded' | 'failed' | 'unknown';
  readonly report?: Report;
  readonly unknown?: EventId;
  readonly reconciled?: { readonly status: 'succeeded' | 'failed'; readonly event: EventId };
  readonly verifications: readonly Verification[];
};

/** The outcome state of one environment. `unknown` holds the intents that wait to be reconciled. */
export type OutcomeState = {
  readonly outcomes: IMap<CommandId, Outcome>;
  readonly unknown: ISet<CommandId>;
};

/** Before any event. */
export const outcomeInitial: OutcomeState = { outcomes: IMap(), unknown: ISet() };

/** The outcome of an intent, when anything is recorded. */
export const outcomeOf = (state: OutcomeState, intentId: CommandId): Outcome | undefined =>
  state.outcomes.get(intentId);

/** Whether a receipt at `now` is past its end and the grace time. */
export const isOverdue = (
  receipt: Pick<ReceiptView, 'expires'>,
  now: Timestamp,
  graceSeconds: number = OutcomeTimes.graceSeconds,
): boolean => Date.parse(receipt.expires) + graceSeconds * 1000 <= Date.parse(now);

/** The receipts of `open` that have no outcome and are overdue: `decideUnknown` is due for each. */
export const dueUnknown = (
  open: Iterable<ReceiptView>,
  state: OutcomeState,
  now: Timestamp,
  graceSeconds: number = OutcomeTimes.graceSeconds,
): readonly ReceiptView[] =>
  [...open].filter((r) => !state.outcomes.has(r.intentId) && isOverdue(r, now, graceSeconds));

/**
 * The intents of this agent with this idempotency key whose outcome is unknown and not reconciled; while there is one, a
 * retry gets no receipt. `keyOf` gives the key of an intent (from the decision fold).
 */
export const unknownByIdempotencyKey = (
  state: OutcomeState,
  agent: AgentScope,
  key: string,
  keyOf: (intentId: CommandId) => string | undefined,
): readonly CommandId[] =>
  [...state.unknown].filter((id) => state.outcomes.get(id)?.agent === agent && keyOf(id) === key);
