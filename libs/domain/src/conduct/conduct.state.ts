// Flags, containment and autonomy of the agents of one environment, as folded from its conduct subject.
import {
  type AgentScope,
  type AutonomyStep,
  AutonomySteps,
  type CommandId,
  type ConductEvent,
  type Containment,
  ContainmentLevels,
  type Detector,
  type EventId,
  type LedgerSeq,
  type Timestamp,
} from '@writ/contracts';
import { Map as IMap, Set as ISet, type List } from 'immutable';

type Changed = Extract<ConductEvent, { type: 'writ.conduct.containment-changed.v1' }>;

/** A flag as recorded. `covers`: everything of this agent up to this ledger position has been judged by this detector. */
export type Flag = {
  readonly detector: Detector;
  readonly event: EventId;
  readonly at: Timestamp;
  readonly covers: LedgerSeq;
};

/** Where an agent stands on the containment ladder, since when, and why. */
export type ContainmentView = {
  readonly level: Containment;
  readonly cause?: Changed['data']['cause'];
  readonly causeEvent?: EventId;
  readonly event?: EventId;
  readonly since?: Timestamp;
  readonly seq: LedgerSeq;
};

/** How far a detector's matter is settled: events up to the position, and what happened up to the time. */
export type Covered = { readonly covers: LedgerSeq; readonly at: Timestamp };

/**
 * `flags` are the last ones, bounded. `covered` is per detector: what a flag or a person's word has settled is not found again.
 */
export type AgentConduct = {
  readonly containment: ContainmentView;
  readonly autonomy?: AutonomyStep;
  readonly flags: readonly Flag[];
  readonly covered: { readonly [D in Detector]?: Covered };
};

/** The last flood recorded of one asker by one service: when, and the ids of the reports that may still be in time. */
export type FloodRecord = { readonly at: Timestamp; readonly reports: List<CommandId> };

/** `commands`: ids of the persons' commands that have been carried out; none works twice. `floods`: by `floodKey`. */
export type ConductState = {
  readonly agents: IMap<AgentScope, AgentConduct>;
  readonly commands: ISet<string>;
  readonly floods: IMap<string, FloodRecord>;
};

/** Before any event. */
export const conductInitial: ConductState = { agents: IMap(), commands: ISet(), floods: IMap() };

/** An agent without any mark. */
export const unmarked: AgentConduct = { containment: { level: 'none', seq: 0 }, flags: [], covered: {} };

/** Floods are told apart by who shed what of whom. */
export const floodKey = (service: string, kind: string, asker: AgentScope): string =>
  `${service} ${kind} ${asker}`;

/** The last flood of that key; `undefined` when there was none. */
export const floodOf = (state: ConductState, key: string): FloodRecord | undefined => state.floods.get(key);

/** What is recorded about an agent's conduct. */
export const conductOf = (state: ConductState, agent: AgentScope): AgentConduct =>
  state.agents.get(agent) ?? unmarked;

/** Where an agent stands on the containment ladder; `none` when nothing was recorded. */
export const containmentOf = (state: ConductState, agent: AgentScope): Containment =>
  conductOf(state, agent).containment.level;

/** The agent's autonomy step; the boundary's (`fallback`) where none was recorded. */
export const autonomyOf = (state: ConductState, agent: AgentScope, fallback: AutonomyStep): AutonomyStep =>
  conductOf(state, agent).autonomy ?? fallback;

/** Whether `level` is at or above `other` on the containment ladder. */
export const atLeast = (level: Containment, other: Containment): boolean =>
  ContainmentLevels.indexOf(level) >= ContainmentLevels.indexOf(other);

/** Steps from one autonomy step to another: above zero is a promotion. */
export const stepsBetween = (from: AutonomyStep, to: AutonomyStep): number =>
  AutonomySteps.indexOf(to) - AutonomySteps.indexOf(from);
