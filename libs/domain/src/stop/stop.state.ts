// What followed the halts of one environment, as folded: who acknowledged, who did not, whose state is kept, drills.
import type { Ack, AgentScope, Digest, EventId, HaltId, Timestamp } from '@writ/contracts';
import { Map as IMap, Set as ISet } from 'immutable';
import type { z } from 'zod';

type HaltName = z.infer<typeof HaltId>;

/** One agent's last acknowledgement of a halt. */
export type Acknowledgement = {
  readonly agent: AgentScope;
  readonly event: EventId;
  readonly ackId: string;
  readonly state: Ack['data']['state'];
  readonly aborted: number;
  readonly heardAt: Timestamp;
  readonly at: Timestamp;
};

/** The state an agent handed over last. `restored` is set once it was given back. */
export type PreservedState = {
  readonly agent: AgentScope;
  readonly digest: Digest;
  readonly bytes: number;
  readonly event: EventId;
  readonly at: Timestamp;
  readonly halts: readonly HaltName[];
  readonly restored?: EventId;
};

/** `unconfirmed`: the agents last recorded as silent, and how often that was recorded (the number in the event's id). */
export type HaltFollowUp = {
  readonly acks: IMap<AgentScope, Acknowledgement>;
  readonly unconfirmed: ISet<AgentScope>;
  readonly rounds: number;
};

/** The last drill and whether everything stopped. */
export type Drill = { readonly event: EventId; readonly at: Timestamp; readonly ok: boolean };

/** The stop state of one environment. */
export type StopState = {
  readonly halts: IMap<HaltName, HaltFollowUp>;
  readonly preserved: IMap<AgentScope, PreservedState>;
  readonly lastDrill?: Drill;
};

/** Before any event. */
export const stopInitial: StopState = { halts: IMap(), preserved: IMap() };

/** A halt that nobody has answered yet. */
export const noFollowUp: HaltFollowUp = { acks: IMap(), unconfirmed: ISet(), rounds: 0 };

/** Who has acknowledged a halt, with what each said. */
export const acknowledgedBy = (state: StopState, halt: HaltName): readonly Acknowledgement[] => [
  ...(state.halts.get(halt)?.acks.values() ?? []),
];

/** The agents that were recorded as silent about a halt and have not acknowledged since. */
export const unconfirmedOf = (state: StopState, halt: HaltName): readonly AgentScope[] => {
  const { acks, unconfirmed } = state.halts.get(halt) ?? noFollowUp;
  return [...unconfirmed].filter((agent) => !acks.has(agent)).sort();
};

/** The state that an agent handed over last, given back or not. */
export const preservedOf = (state: StopState, agent: AgentScope): PreservedState | undefined =>
  state.preserved.get(agent);
