// The sweep: records as denied what nobody answered in time. It never answers an id twice, and never permits.
import type { Decision } from '../recorded.js';
import { decisionDraft, decisionEventId } from './decision.events.js';
import {
  type IntentInput,
  type IntentResult,
  inputsOf,
  readAsked,
  recall,
  untimely,
  wasAnswered,
} from './decision.input.js';
import { type DecisionState, DecisionTimes } from './decision.state.js';
import { denied, lateCodes } from './rederive.js';

/** What the sweep makes of an intent; `not-due`: it can still be answered, or is too old to have been waiting. */
export type SweepResult = IntentResult | { readonly kind: 'not-due' };

const nothing = (result: SweepResult): Decision<SweepResult> => ({ result, events: [] });

const sweepNew = (input: IntentInput, state: DecisionState): Decision<SweepResult> => {
  const codes = lateCodes(input.intent, input.now);
  if (codes === undefined) return nothing({ kind: 'not-due' });
  const asked = readAsked(input);
  if ('kind' in asked) return nothing(asked);
  const verdict = denied(...codes);
  const inputs = inputsOf(asked, undefined, state);
  const draft = decisionDraft(asked, { inputs, published: undefined, disclosed: [], verdict });
  return { result: { kind: 'decided', effect: 'deny', eventId: draft.id, verdict }, events: [draft] };
};

/**
 * Judges one intent found in GOV_INTENTS on start and every 30 s. A valid one that was never answered and is stale by its
 * own time or past its deadline is recorded as denied: `undecided-in-time` (and `deadline-passed`). An id that was
 * answered gives `known`; one that is older than the hour that GOV_INTENTS keeps is a replay: WRIT-DEC-001 (§7.4).
 */
export const decideUndecided = (input: IntentInput, state: DecisionState): Decision<SweepResult> => {
  const { intent } = input;
  const before = recall(intent, input.digest, state);
  if (before !== undefined) return nothing(before);
  if (wasAnswered(intent, state)) return nothing({ kind: 'known', eventId: decisionEventId(intent.id) });
  const refusal = untimely(intent, Date.parse(input.now), DecisionTimes.sweepReachMs);
  if (refusal !== undefined) return nothing(refusal);
  return sweepNew(input, state);
};
