// Decides what services report about an agent: floods that they shed, and intent ids used twice. Believes nothing that the record
// does not bear out; a report counts once.
import type {
  AgentScope,
  ConductReport,
  Digest,
  EventId,
  FloodReport,
  Frame,
  IdReuseReport,
  Refused,
  ReportingService,
  Timestamp,
} from '@writ/contracts';
import { IntakesOf, refused } from '@writ/contracts';
import { decided, draftOf, refusal, vouchedBy } from '../draft.js';
import { msOf } from '../instant.js';
import type { Decision } from '../recorded.js';
import { atLeast, type ConductState, conductOf, floodKey, floodOf } from './conduct.state.js';
import { Detectors, FlagNumber, ReportRules } from './detectors.js';
import { type FlagResult, flag } from './flag.decide.js';

/** `document` and `frame` are verified: signed by `service`, for its own subject. */
export type ReportInput = {
  readonly document: ConductReport;
  readonly frame: Frame;
  readonly service: ReportingService;
  readonly now: Timestamp;
};

/** Says why a report is too old, or too far ahead, to count; `undefined` for one in time. */
export const untimelyReport = ({ document, now }: ReportInput): Refused | undefined => {
  const age = msOf(now) - msOf(document.time);
  const timely = age <= ReportRules.staleSeconds * 1000 && age >= -ReportRules.aheadSeconds * 1000;
  return timely ? undefined : refused('WRIT-CON-004', `reported at ${document.time}`);
};

/** `known`: the asker is an agent or enforcement point of the registry. */
export type FloodInput = ReportInput & { readonly flood: FloodReport; readonly known: boolean };

/** The flood was recorded. */
export type FloodResult = { readonly kind: 'recorded'; readonly eventId: EventId };

const fits = ({ service, flood, known, document }: FloodInput): boolean =>
  known && IntakesOf[service].includes(flood.kind) && flood.from <= flood.to && flood.to <= document.time;

const repeated = (
  { document, service, flood, now }: FloodInput,
  state: ConductState,
): Refused | undefined => {
  const last = floodOf(state, floodKey(service, flood.kind, flood.asker));
  if (last === undefined) return undefined;
  if (last.reports.includes(document.id)) return refused('WRIT-CON-005', `report ${document.id} is recorded`);
  const wait = ReportRules.everySeconds * 1000 - (msOf(now) - msOf(last.at));
  return wait > 0 ? refused('WRIT-FRM-011', 'the summary before is too recent') : undefined;
};

/**
 * Records what a service shed of one asker, as one event. It is no flag: nothing of a flood was verified, and a flag rests on the
 * agent's own signature. Refuses: stale (WRIT-CON-004), recorded already (WRIT-CON-005), not something that this service can have
 * shed of somebody registered (WRIT-CON-006), sooner than `ReportRules.everySeconds` after the one before (WRIT-FRM-011).
 */
export const decideFlood = (input: FloodInput, state: ConductState): Decision<FloodResult | Refused> => {
  const { document, frame, service, flood } = input;
  const no = untimelyReport(input) ?? repeated(input, state);
  if (no !== undefined) return decided(no);
  if (!fits(input)) return refusal('WRIT-CON-006', `${service} cannot have shed this`);
  const { about: _, ...shed } = flood;
  const id = `${document.id}.conduct.0`;
  const causes = { id, agent: flood.asker, causationid: document.id, correlationid: document.id };
  const draft = draftOf('writ.conduct.flood-shed.v1', causes, { service, ...shed, report: frame });
  return decided({ kind: 'recorded', eventId: id }, draft);
};

/** What is recorded under an intent id: whose intent, and its digest. */
export type RecordedIntent = {
  readonly event: EventId;
  readonly agent: AgentScope;
  readonly intentDigest: Digest;
};

/** `intent`: the second one, verified as its agent's. `recorded`: the decision on the first; `undefined` when there is none. */
export type IdReuseInput = ReportInput & {
  readonly reuse: IdReuseReport;
  readonly intent: { readonly id: string; readonly agent: AgentScope; readonly digest: Digest };
  readonly recorded: RecordedIntent | undefined;
  readonly history: number;
};

/** The id of the flag for an intent id used twice: there is one for ever. */
export const reuseFlagId = (intentId: string): EventId =>
  `${intentId}.conduct.${FlagNumber['intent-id-reused']}`;

/** Whether an intent id is flagged as used twice, as far as the flags are held. */
export const isReuseFlagged = (state: ConductState, agent: AgentScope, intentId: string): boolean =>
  conductOf(state, agent).flags.some(({ event }) => event === reuseFlagId(intentId));

/** At a gate already because of the same, a moment ago: one flag more would say nothing new. */
const flaggedLately = (state: ConductState, agent: AgentScope, now: Timestamp): boolean => {
  const { flags, containment } = conductOf(state, agent);
  const after = msOf(now) - Detectors['intent-id-reused'].windowSeconds * 1000;
  return (
    atLeast(containment.level, 'gate') &&
    flags.some(({ detector, at }) => detector === 'intent-id-reused' && msOf(at) > after)
  );
};

/**
 * Flags an agent that signed two different intents under one id, and sends it to a gate. Both signatures are its own, so that
 * nobody can have another agent flagged by repeating what it sent. `known` when the id is flagged already, or the agent was for the
 * same a moment ago. Refuses: stale (WRIT-CON-004), and what the record does not bear out (WRIT-CON-006).
 */
export const decideIdReuse = (input: IdReuseInput, state: ConductState): Decision<FlagResult | Refused> => {
  const { intent, recorded, reuse, service, now } = input;
  const no = untimelyReport(input);
  if (no !== undefined) return decided(no);
  const borneOut =
    service === 'decision' &&
    recorded !== undefined &&
    recorded.event.split('.')[0] === intent.id &&
    recorded.agent === intent.agent &&
    recorded.intentDigest !== intent.digest;
  if (!borneOut) return refusal('WRIT-CON-006', 'no other intent of this agent is recorded under the id');
  if (isReuseFlagged(state, intent.agent, intent.id) || flaggedLately(state, intent.agent, now))
    return decided({ kind: 'known' });
  return flag(
    {
      ...{ agent: intent.agent, detector: 'intent-id-reused', observed: 2, threshold: 1 },
      ...{ windowSeconds: 0, history: input.history, events: [recorded.event], intent: reuse.intent },
      ...vouchedBy(reuse.session),
    },
    { id: reuseFlagId(intent.id), now, correlationid: intent.id },
    state,
  );
};
