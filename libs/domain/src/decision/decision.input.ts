// An intent as the decider sees it, and what follows from it before any rule: who asks, whether it was answered, when.
import {
  type AgentScope,
  type AutonomyStep,
  type Containment,
  type Digest,
  type Disclosure,
  type EventId,
  type Frame,
  type Intent,
  type LedgerDocument,
  type Obligation,
  parseSubject,
  type Refused,
  refused,
  type Timestamp,
} from '@writ/contracts';
import type { ActionNames, Verdict } from '../boundary/verdict.js';
import { agentOf } from '../registry/registry.queries.js';
import type { PublishedBoundary, RegistryState } from '../registry/registry.state.js';
import { limitCounters } from './counters.js';
import { bucketOf, type DecisionState, DecisionTimes, uuidTime } from './decision.state.js';
import { type Disclosed, readAllDisclosed } from './disclosure.js';

/** The data of a decision event: permitted, denied, or escalated without its gate. */
export type DecisionData = Extract<LedgerDocument, { readonly type: 'writ.decision.denied.v1' }>['data'];

/** What the decider asks of conduct, as folded so far. */
export type ConductView = {
  readonly containment: (agent: AgentScope) => Containment;
  /** The agent's autonomy step; `fallback` is its boundary's, for an agent that was never moved. */
  readonly autonomy: (agent: AgentScope, fallback: AutonomyStep) => AutonomyStep;
};

/**
 * An intent and everything its decision may depend on. The caller has verified the frame, the signer's key and that
 * `disclosed` (the disclosures of `action.args`, all that were sent) fits the commitment. `obligedDigest` is the digest of
 * the committed arguments after the obligations (of the arguments themselves for none). `now`: the service's clock.
 */
export type IntentInput = {
  readonly intent: Intent;
  readonly frame: Frame;
  /** The certificate of the session key that signed it. */
  readonly session?: Frame | undefined;
  readonly digest: Digest;
  readonly disclosed: readonly Disclosure[];
  readonly now: Timestamp;
  readonly registry: RegistryState;
  readonly conduct: ConductView;
  readonly halted: (agent: AgentScope, action: ActionNames) => boolean;
  readonly obligedDigest: (obligations: readonly Obligation[]) => Digest;
};

/** `known`: answered before with the event of that id, nothing new is written; the stored bytes are the answer. */
export type IntentResult =
  | {
      readonly kind: 'decided';
      readonly effect: Verdict['effect'];
      readonly eventId: EventId;
      readonly verdict: Verdict;
    }
  | { readonly kind: 'known'; readonly eventId: EventId }
  | Refused;

/** An intent with what is derived from its subject and disclosures. */
export type Asked = IntentInput & { readonly agent: AgentScope; readonly fields: readonly Disclosed[] };

/** Reads agent and disclosures; refuses what cannot be one. */
export const readAsked = (input: IntentInput): Asked | Refused => {
  const subject = parseSubject(input.intent.subject);
  if (subject?.kind !== 'intent') return refused('WRIT-FRM-008', 'the intent names no intent subject');
  const fields = readAllDisclosed(input.disclosed);
  if (fields === undefined)
    return refused('WRIT-FRM-013', 'a disclosure is unreadable or a field is named twice');
  return { ...input, agent: subject.asker, fields };
};

/** The answer to an id that was answered before; undefined for a new id. */
export const recall = (
  intent: Intent,
  digest: Digest,
  state: DecisionState,
): Exclude<IntentResult, { kind: 'decided' }> | undefined => {
  const known = state.intents.get(intent.id);
  if (known === undefined) return undefined;
  if (known.digest === digest) return { kind: 'known', eventId: known.eventId };
  return refused('WRIT-DEC-002', `intent ${intent.id} was decided with another content`);
};

/** Whether an id was answered within the sweep's reach, even if the answer itself is no longer held. */
export const wasAnswered = (intent: Intent, state: DecisionState): boolean =>
  state.answered.get(bucketOf(intent.id))?.has(intent.id) ?? false;

/** The older of the two times that an intent states: its own and that of its UUIDv7 (ms since epoch). */
const statedTime = (intent: Intent): number => Math.min(Date.parse(intent.time), uuidTime(intent.id));

const latestTime = (intent: Intent): number => Math.max(Date.parse(intent.time), uuidTime(intent.id));

/** Refuses an intent from longer ago than `reachMs`, or from ahead of the clock (WRIT-DEC-001). */
export const untimely = (intent: Intent, now: number, reachMs: number): Refused | undefined => {
  if (!(now - statedTime(intent) <= reachMs)) {
    return refused('WRIT-DEC-001', `the intent, or its id, is older than ${reachMs / 60_000} minutes`);
  }
  return latestTime(intent) - now <= DecisionTimes.aheadMs
    ? undefined
    : refused('WRIT-DEC-001', 'the intent, or its id, is more than 30 s ahead of the clock');
};

/** The inputs as they will be recorded. */
export const inputsOf = (
  asked: Asked,
  published: PublishedBoundary | undefined,
  state: DecisionState,
): DecisionData['inputs'] => {
  const { agent, registry, conduct, now } = asked;
  const { tool, operation, resource } = asked.intent.data.action;
  const boundary = published?.boundary;
  return {
    now,
    agentStatus: agentOf(registry, agent)?.status ?? 'unknown',
    containment: conduct.containment(agent),
    autonomy: conduct.autonomy(agent, boundary?.spec.autonomy ?? 'shadow'),
    halted: asked.halted(agent, { tool, operation, resource }),
    counters:
      boundary === undefined
        ? {}
        : limitCounters(state, boundary, agent, { operation, resource }, Date.parse(now)),
  };
};
