// Decides what people command about containment and autonomy. A promotion needs evidence; a demotion never does.
import {
  type AutonomyStep,
  type Command,
  type Containment,
  type Criteria,
  type EventId,
  type Frame,
  type Refused,
  refused,
  type Timestamp,
} from '@writ/contracts';
import type { z } from 'zod';
import { decided, draftOf, refusal } from '../draft.js';
import { msOf } from '../instant.js';
import type { Decision } from '../recorded.js';
import { autonomyOf, type ConductState, conductOf, containmentOf, stepsBetween } from './conduct.state.js';
import { ConductRules } from './detectors.js';
import type { AgentHistory } from './history.state.js';

/** `authorised`: the author is an operator of the agent's scope (role check by the caller). */
export type ConductCommandInput = {
  readonly command: Command;
  readonly frame: Frame;
  readonly authorised: boolean;
  readonly now: Timestamp;
};

/** From where to where the agent was moved on the ladder. */
export type ContainmentCommandResult = {
  readonly kind: 'changed';
  readonly eventId: EventId;
  readonly from: Containment;
  readonly to: Containment;
};

const usable = (
  { command, authorised, now }: ConductCommandInput,
  state: ConductState,
): Refused | undefined => {
  if (!authorised) return refused('WRIT-CON-001', 'only an operator of the scope may do this');
  if (state.commands.has(command.id)) return refused('WRIT-REG-008', 'this command was carried out');
  if (command.data.expires <= now) {
    return refused('WRIT-REG-005', `the command expired at ${command.data.expires}`);
  }
  return undefined;
};

const causes = ({ command }: ConductCommandInput, agent: string) => ({
  id: `${command.id}.conduct.0`,
  agent,
  causationid: command.id,
  correlationid: command.id,
});

/**
 * Moves an agent on the containment ladder at a person's command, up or down. Refuses: not an operator (WRIT-CON-001), there
 * already (WRIT-CON-002), used (WRIT-REG-008) or expired (WRIT-REG-005), not such a command (WRIT-FRM-009).
 */
export const decideContainmentCommand = (
  input: ConductCommandInput,
  state: ConductState,
): Decision<ContainmentCommandResult | Refused> => {
  const { action } = input.command.data;
  if (action.do !== 'set-containment') return refusal('WRIT-FRM-009', 'not a containment command');
  const no = usable(input, state);
  if (no !== undefined) return decided(no);
  const { agent, level: to } = action;
  const from = containmentOf(state, agent);
  if (from === to) return refusal('WRIT-CON-002', `the agent is at '${to}'`);
  const draft = draftOf('writ.conduct.containment-changed.v1', causes(input, agent), {
    ...{ agent, from, to, command: input.frame },
    cause: 'command',
    codes: [],
  });
  return decided({ kind: 'changed', eventId: draft.id, from, to }, draft);
};

/**
 * `history`: that of the agent. `fallback`: the step that its boundary gives. `criteria`: published ones, where there are any;
 * else the constants of `ConductRules` hold.
 */
export type AutonomyCommandInput = ConductCommandInput & {
  readonly history: AgentHistory;
  readonly fallback: AutonomyStep;
  readonly criteria?: z.infer<typeof Criteria>;
};

/** From which step to which the agent was moved. */
export type AutonomyCommandResult = {
  readonly kind: 'promoted' | 'demoted';
  readonly eventId: EventId;
  readonly from: AutonomyStep;
  readonly to: AutonomyStep;
};

const recentFlags = (state: ConductState, agent: string, now: Timestamp, windowSeconds: number): number =>
  conductOf(state, agent).flags.filter((f) => msOf(f.at) > msOf(now) - windowSeconds * 1000).length;

/** What is missing for a promotion; `undefined` when nothing is. */
const missing = (input: AutonomyCommandInput, state: ConductState, agent: string): string | undefined => {
  const { history, criteria, now } = input;
  const need = criteria?.minDecisions ?? ConductRules.promotionMinSucceeded;
  const window = criteria === undefined ? ConductRules.promotionFlagWindowSeconds : criteria.minDays * 86_400;
  const flags = recentFlags(state, agent, now, window);
  const { count } = history.succeeded;
  if (count < need) return `${count} succeeded outcomes of ${need} since the last change`;
  if (flags > (criteria?.maxFlags ?? ConductRules.promotionMaxFlags)) return `${flags} flags in the window`;
  if (history.contradicted > 0) return `${history.contradicted} contradicted outcomes since the last change`;
  const days = (msOf(now) - history.firstMs) / 86_400_000;
  if (criteria !== undefined && days < criteria.minDays) return `seen for less than ${criteria.minDays} days`;
  return undefined;
};

const promotable = (input: AutonomyCommandInput, state: ConductState, agent: string, steps: number) => {
  if (steps > 1) return refused('WRIT-CON-003', 'a promotion goes one step at a time');
  const lack = missing(input, state, agent);
  return lack === undefined ? undefined : refused('WRIT-CON-003', lack);
};

/**
 * Moves an agent's autonomy. A promotion goes one step and needs succeeded outcomes since the last change, no flags in the
 * window and nothing contradicted (WRIT-CON-003); a demotion is always allowed. Else refuses as `decideContainmentCommand`.
 */
export const decideAutonomyCommand = (
  input: AutonomyCommandInput,
  state: ConductState,
): Decision<AutonomyCommandResult | Refused> => {
  const { action } = input.command.data;
  if (action.do !== 'set-autonomy') return refusal('WRIT-FRM-009', 'not an autonomy command');
  const { agent, step: to } = action;
  const from = autonomyOf(state, agent, input.fallback);
  const steps = stepsBetween(from, to);
  const no = usable(input, state) ?? (steps > 0 ? promotable(input, state, agent, steps) : undefined);
  if (no !== undefined) return decided(no);
  if (steps === 0) return refusal('WRIT-CON-002', `the agent is at '${to}'`);
  const kind = steps > 0 ? 'promoted' : 'demoted';
  const type = steps > 0 ? 'writ.conduct.autonomy-promoted.v1' : 'writ.conduct.autonomy-demoted.v1';
  const draft = draftOf(type, causes(input, agent), {
    ...{ agent, from, to, command: input.frame, codes: [] },
    evidence: steps > 0 ? input.history.succeeded.last.toArray() : [],
    ...(input.criteria === undefined ? {} : { criteria: input.criteria.name }),
  });
  return decided({ kind, eventId: draft.id, from, to }, draft);
};
