// Decides flags and what follows from them by rule: up the containment ladder, cleared by an approval, down after quiet.
import type {
  AgentScope,
  CommandId,
  Containment,
  Detector,
  EventId,
  LedgerDocumentOf,
  LedgerSeq,
  Timestamp,
} from '@writ/contracts';
import { decided, draftOf } from '../draft.js';
import { msOf } from '../instant.js';
import type { Decision, Draft } from '../recorded.js';
import { type AgentConduct, atLeast, type ConductState, conductOf } from './conduct.state.js';
import type { Finding } from './detect.js';
import { ConductRules, FlagNumber } from './detectors.js';
import type { History } from './history.state.js';

/** The numbers of the events that follow by rule, in ids; those of flags stand in `FlagNumber`. */
const CLEARED = 6;
const COOLED = 10;

/** A finding of `detect`, at the time of the flag. */
export type FlagInput = {
  readonly finding: Finding;
  readonly now: Timestamp;
  readonly correlationid?: string;
};

/** `flagged` with the containment that holds from then on, or `known`: an earlier flag covers it. */
export type FlagResult =
  | { readonly kind: 'flagged'; readonly eventId: EventId; readonly containment: Containment }
  | { readonly kind: 'known' };

/** A burst and a reused id go straight to `gate`; the others to `watch`, and to `gate` when the agent is watched already. */
const levelAfter = (detector: Detector, level: Containment): Containment => {
  if (atLeast(level, 'gate')) return level;
  const grave = detector === 'irreversible-burst' || detector === 'intent-id-reused';
  return grave || level === 'watch' ? 'gate' : 'watch';
};

const judged = ({ covered, flags }: AgentConduct, { detector, lastSeq }: Finding, id: EventId): boolean =>
  (covered[detector]?.covers ?? -1) >= lastSeq || flags.some((flag) => flag.event === id);

type Change = {
  readonly agent: AgentScope;
  readonly from: Containment;
  readonly to: Containment;
  readonly cause: 'flag' | 'cleared-by-approval' | 'cool-down';
  readonly causeEvent: EventId;
};

const changeDraft = (id: EventId, correlationid: string, change: Change, codes: readonly string[]): Draft =>
  draftOf(
    'writ.conduct.containment-changed.v1',
    { id, agent: change.agent, causationid: change.causeEvent, correlationid },
    { ...change, codes: [...codes] },
  );

/** What a flag says, its time and codes aside. */
type Flagged = Omit<LedgerDocumentOf<'writ.conduct.flagged.v1'>['data'], 'codes' | 'at'>;

/** `id`: that of the flag, whose last part is the detector's number; the change that follows has the next one. */
type Naming = { readonly id: EventId; readonly now: Timestamp; readonly correlationid: string };

/** The flag and the containment that follows from it. Whether it was flagged before is for the caller. */
export const flag = (
  what: Flagged,
  { id, now, correlationid }: Naming,
  state: ConductState,
): Decision<FlagResult> => {
  const { agent, detector, events } = what;
  const causes = { id, agent, causationid: events.at(-1) ?? correlationid, correlationid };
  const flagged = draftOf('writ.conduct.flagged.v1', causes, { ...what, codes: [detector], at: now });
  const from = conductOf(state, agent).containment.level;
  const to = levelAfter(detector, from);
  const result = { kind: 'flagged', eventId: id, containment: to } as const;
  if (to === from) return decided(result, flagged);
  const [base = ''] = id.split('.');
  const changeId = `${base}.conduct.${FlagNumber[detector] + 1}`;
  const change = { agent, from, to, cause: 'flag', causeEvent: id } as const;
  return decided(result, flagged, changeDraft(changeId, correlationid, change, [detector]));
};

/**
 * Records a finding as a flag, once, together with the containment that follows. A finding that a flag of the same detector
 * covers is `known` and writes nothing.
 */
export const decideFlag = (
  { finding, now, ...given }: FlagInput,
  state: ConductState,
): Decision<FlagResult> => {
  const { lastSeq: _, ...seen } = finding;
  const last = finding.events.at(-1);
  const intentId = last?.split('.')[0] ?? '';
  const id = `${intentId}.conduct.${FlagNumber[finding.detector]}`;
  if (last === undefined || judged(conductOf(state, finding.agent), finding, id))
    return decided({ kind: 'known' });
  const correlationid = given.correlationid ?? intentId;
  return flag({ ...seen, events: [...seen.events] }, { id, now, correlationid }, state);
};

/**
 * `granted`: the event by which people let an intent through, and where it stands; `gatedAt`: from the history, of that intent.
 */
export type ClearInput = {
  readonly agent: AgentScope;
  readonly intentId: CommandId;
  readonly granted: EventId;
  readonly grantedAt: LedgerSeq;
  readonly gatedAt: LedgerSeq | undefined;
  readonly correlationid?: string;
};

/** Where the agent stands on the containment ladder afterwards. */
export type ChangeResult =
  | { readonly kind: 'changed'; readonly eventId: EventId; readonly containment: Containment }
  | { readonly kind: 'unchanged'; readonly containment: Containment };

/**
 * People approved an action that was held because of a flag: the agent goes from `gate` back to `watch`. Nothing else is
 * cleared: not a containment that a person set, not by an approval from before the flag, and not what was flagged after it.
 */
export const decideClear = (input: ClearInput, state: ConductState): Decision<ChangeResult> => {
  const { agent, intentId, granted, grantedAt, gatedAt } = input;
  const { containment, flags } = conductOf(state, agent);
  const { level, cause, seq } = containment;
  const held = gatedAt !== undefined && gatedAt > seq;
  const flaggedSince = flags.some(({ covers }) => covers > grantedAt);
  const clears = level === 'gate' && cause === 'flag' && held && !flaggedSince;
  if (!clears) return decided({ kind: 'unchanged', containment: level });
  const id = `${intentId}.conduct.${CLEARED}`;
  const change = {
    agent,
    from: level,
    to: 'watch',
    cause: 'cleared-by-approval',
    causeEvent: granted,
  } as const;
  return decided(
    { kind: 'changed', eventId: id, containment: 'watch' },
    changeDraft(id, input.correlationid ?? intentId, change, ['approved']),
  );
};

/** What approvals clear and nobody has cleared yet: found again after a time in which the detector was away. */
export const dueClears = (history: History, state: ConductState): readonly ClearInput[] =>
  [...history.gated.entries()].flatMap(([intentId, { agent, seq: gatedAt, granted }]) => {
    if (granted === undefined) return [];
    const input = { agent, intentId, granted: granted.event, grantedAt: granted.seq, gatedAt };
    return decideClear(input, state).events.length > 0 ? [input] : [];
  });

const quiet = ({ containment, flags }: AgentConduct, now: Timestamp): boolean => {
  const { level, cause, since } = containment;
  const last = [since, flags.at(-1)?.at]
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
  if (level !== 'watch' || cause === 'command' || last === undefined) return false;
  return msOf(last) + ConductRules.quietSeconds * 1000 <= msOf(now);
};

/** The agents that have been quiet long enough to leave `watch`. */
export const dueCoolDown = (state: ConductState, now: Timestamp): readonly AgentScope[] =>
  [...state.agents.entries()].filter(([, conduct]) => quiet(conduct, now)).map(([agent]) => agent);

/** Takes a quiet agent from `watch` to `none`. What a person set stays until a person changes it. */
export const decideCoolDown = (
  { agent, now }: { readonly agent: AgentScope; readonly now: Timestamp },
  state: ConductState,
): Decision<ChangeResult> => {
  const conduct = conductOf(state, agent);
  const { level, event } = conduct.containment;
  if (event === undefined || !quiet(conduct, now)) return decided({ kind: 'unchanged', containment: level });
  const [base = '', , n] = event.split('.');
  const id = `${base}.conduct.${COOLED + Number(n)}`;
  const change = { agent, from: level, to: 'none', cause: 'cool-down', causeEvent: event } as const;
  return decided(
    { kind: 'changed', eventId: id, containment: 'none' },
    changeDraft(id, base, change, ['quiet']),
  );
};
