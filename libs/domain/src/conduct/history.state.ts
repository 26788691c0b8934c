// What the detectors remember of each agent of one environment. Bounded; a cache of the ledger, never a source of truth.
import type { AgentScope, CommandId, EventId, LedgerSeq } from '@writ/contracts';
import { Map as IMap, Set as ISet, List, OrderedMap } from 'immutable';

/** One remembered event: `ms` is its own time since the epoch. */
export type Sighting = { readonly event: EventId; readonly seq: LedgerSeq; readonly ms: number };

/** Decisions of one clock minute (`minute` = ms / 60,000). */
export type Minute = { readonly minute: number; readonly count: number };

/** The history of one agent. */
export type AgentHistory = {
  readonly decisions: number;
  readonly firstMs: number;
  /** The current minute last, complete ones before it; only minutes with decisions. */
  readonly minutes: List<Minute>;
  readonly recent: List<Sighting>;
  readonly operations: ISet<string>;
  readonly classes: ISet<string>;
  /** First uses that were new to a settled agent. */
  readonly novelties: List<Sighting>;
  /** Irreversible or delete-like actions that policy alone permitted. */
  readonly burst: List<Sighting>;
  /** Since the last change of autonomy. */
  readonly succeeded: { readonly count: number; readonly last: List<EventId> };
  readonly contradicted: number;
};

/** An intent that was held because of its agent's containment: where it was decided, and what people said to it. */
export type Held = {
  readonly agent: AgentScope;
  readonly seq: LedgerSeq;
  readonly granted?: { readonly event: EventId; readonly seq: LedgerSeq };
};

/** `gated`: intents escalated while their agent was contained at `gate` or above; those that were refused are dropped. */
export type History = {
  readonly agents: IMap<AgentScope, AgentHistory>;
  readonly gated: OrderedMap<CommandId, Held>;
};

/** Before any event. */
export const historyInitial: History = { agents: IMap(), gated: OrderedMap() };

/** An agent that nobody has seen. */
export const unseenAgent: AgentHistory = {
  decisions: 0,
  firstMs: 0,
  minutes: List(),
  recent: List(),
  operations: ISet(),
  classes: ISet(),
  novelties: List(),
  burst: List(),
  succeeded: { count: 0, last: List() },
  contradicted: 0,
};

/** The history of an agent. */
export const historyOf = (history: History, agent: AgentScope): AgentHistory =>
  history.agents.get(agent) ?? unseenAgent;

/** Where in the ledger an intent was escalated under containment; `undefined` when containment had no part in it. */
export const gatedAt = (history: History, intentId: CommandId): LedgerSeq | undefined =>
  history.gated.get(intentId)?.seq;
