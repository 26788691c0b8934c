// Decides flags and what follows from them by rule: up the containment ladder, cleared by an approval, down after quiet.
import type {
  AgentScope,
  CommandId,
  Containment,
  Detector,
  EventId,
  LedgerSeq,
  Timestamp,
} from '@writ/contracts';
import { decided, draftOf } from '../draft.js';
import { msOf } from '../instant.js';
import type { Decision, Draft } from '../recorded.js';
import { type AgentConduct, atLeast, type ConductState, conductOf } from './conduct.state.js';
import type { Finding } from './detect.js';
import { ConductRules, FlagNumber } from './detectors.js';

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

/** A burst goes straight to `gate`; the others to `watch`, and to `gate` when the agent is watched already. */
const levelAfter = (detector: Detector, level: Containment): Containment => {
  if (atLeast(level, 'gate')) return level;
  return detector === 'irreversible-burst' || level === 'watch' ? 'gate' : 'watch';
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

/**
 * Records a finding as a flag, once, together with the containment that follows. A finding that a flag of the same detector
 * covers is `known` and writes nothing.
 */
export const decideFlag = (
  { finding, now, ...given }: FlagInput,
  state: ConductState,
): Decision<FlagResult> => {
  const { agent, detector, lastSeq: _, ...seen } = finding;
  const last = finding.events.at(-1);
  const intentId = last?.split('.')[0] ?? '';
  const n = FlagNumber[detector];
  const id = `${intentId}.conduct.${n}`;
  const before = conductOf(state, agent);
  if (last === undefined || judged(before, finding, id)) return decided({ kind: 'known' });
  const correlationid = given.correlationid ?? intentId;
  const flagged = draftOf(
    'writ.conduct.flagged.v1',
    { id, agent, causationid: last, correlationid },
    { agent, detector, ...seen, events: [...seen.events], codes: [detector], at: now },
  );
  const from = before.containment.level;
  const to = levelAfter(detector, from);
  const result = { kind: 'flagged', eventId: id, containment: to } as const;
  if (to === from) return decided(result, flagged);
  const change = { agent, from, to, cause: 'flag', causeEvent: id } as const;
  return decided(
    result,
    flagged,
    changeDraft(`${intentId}.conduct.${n + 1}`, correlationid, change, [detector]),
  );
};

/** `granted`: the event by which people let an intent through; `gatedAt`: from the history, of that intent. */
export type ClearInput = {
  readonly agent: AgentScope;
  readonly intentId: CommandId;
  readonly granted: EventId;
  readonly gatedAt: LedgerSeq | undefined;
  readonly correlationid?: string;
};

/** Where the agent stands on the containment ladder afterwards. */
export type ChangeResult =
  | { readonly kind: 'changed'; readonly eventId: EventId; readonly containment: Containment }
  | { readonly kind: 'unchanged'; readonly containment: Containment };

/**
 * People approved an action that was held because of a flag: the agent goes from `gate` back to `watch`. Nothing else is
 * cleared: not a containment that a person set, not by an approval from before the flag.
 */
export const decideClear = (input: ClearInput, state: ConductState): Decision<ChangeResult> => {
  const { agent, intentId, granted, gatedAt } = input;
  const { level, cause, seq } = conductOf(state, agent).containment;
  const clears = level === 'gate' && cause === 'flag' && gatedAt !== undefined && gatedAt > seq;
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
