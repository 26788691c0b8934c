// Decides one intent in one environment: once per id, from recorded inputs only. It signs, stores and reads nothing.
import { type Intent, type Refused, refused } from '@writ/contracts';
import { compileBoundary } from '../boundary/compile.js';
import type { Decision } from '../recorded.js';
import { boundaryFor, gateFor } from '../registry/registry.queries.js';
import { decisionDraft } from './decision.events.js';
import {
  type Asked,
  type IntentInput,
  type IntentResult,
  inputsOf,
  readAsked,
  recall,
  untimely,
  wasAnswered,
} from './decision.input.js';
import { type DecisionState, DecisionTimes } from './decision.state.js';
import { disclosedArgs } from './disclosure.js';
import { deriveVerdict } from './rederive.js';

const nothing = <R>(result: R): Decision<R> => ({ result, events: [] });

const pastDeadline = (intent: Intent, now: number): Refused | undefined =>
  Date.parse(intent.data.deadline) > now
    ? undefined
    : refused('WRIT-DEC-003', `the deadline ${intent.data.deadline} has passed`);

const decideNew = (asked: Asked, state: DecisionState): Decision<IntentResult> => {
  const { agent, registry, intent } = asked;
  const published = boundaryFor(registry, agent);
  const inputs = inputsOf(asked, published, state);
  const wanted = published === undefined ? [] : compileBoundary(published.boundary).fields;
  const disclosed = asked.fields.filter(({ name }) => wanted.includes(name));
  const gateKnown = (name: string): boolean => gateFor(registry, name, agent) !== undefined;
  const verdict = deriveVerdict(
    { intent, agent, args: disclosedArgs(disclosed), inputs, gateKnown },
    published?.boundary ?? null,
  );
  const draft = decisionDraft(asked, { inputs, published, disclosed, verdict });
  return {
    result: { kind: 'decided', effect: verdict.effect, eventId: draft.id, verdict },
    events: [draft],
  };
};

/**
 * Decides an intent. Guarantees: one decision per id, however often it is sent (§7.4): an id that was answered gives
 * `known` and writes nothing; the recorded event suffices to derive the verdict again (§7.8). Refuses WRIT-DEC-001 (stale:
 * its own time or its id's is over 2 min old, or over 30 s ahead), WRIT-DEC-002 (same id, other content), WRIT-DEC-003
 * (deadline passed; the sweep records it), WRIT-FRM-008, WRIT-FRM-013. No boundary, or an agent not active, is a
 * recorded denial. Source: ARCHITECTURE §5 steps 1 and 2.
 */
export const decideIntent = (input: IntentInput, state: DecisionState): Decision<IntentResult> => {
  const { intent } = input;
  const now = Date.parse(input.now);
  const before = recall(intent, input.digest, state) ?? untimely(intent, now, DecisionTimes.staleAfterMs);
  if (before !== undefined) return nothing(before);
  if (wasAnswered(intent, state)) {
    return nothing(refused('WRIT-DEC-002', `intent ${intent.id} was answered before`));
  }
  const refusal = pastDeadline(intent, now);
  if (refusal !== undefined) return nothing(refusal);
  const asked = readAsked(input);
  return 'kind' in asked ? nothing(asked) : decideNew(asked, state);
};
