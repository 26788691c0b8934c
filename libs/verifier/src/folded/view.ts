// The ledger as folded up to one event: what the invariants look at. They only read it; `fold` moves it.
import type { EnvironmentScope, LedgerSeq, Scope, Token } from '@writ/contracts';
import {
  type ApprovalState,
  type AuthorityState,
  approvalInitial,
  authorityInitial,
  type ConductState,
  conductInitial,
  type DecisionState,
  decisionInitial,
  type Halt,
  type RegistryState,
  registryInitial,
} from '@writ/domain';
import type { Judged } from '../message.js';
import { Tolerances } from '../tolerances.js';
import { type Actions, createActions } from './actions.js';
import { createTimeline, type Timeline } from './timeline.js';

/** `authority` holds only what the kill-switch recorded. `unlawful`: halts that went without a lawful release. */
export type Environment = {
  decision: DecisionState;
  approval: ApprovalState;
  readonly authority: Timeline<AuthorityState>;
  readonly conduct: Timeline<ConductState>;
  unlawful: readonly Halt[];
};

export type View = {
  readonly org: Token;
  readonly registry: Timeline<RegistryState>;
  /** Server time of each registry event, ms. */
  readonly registryTimes: Map<LedgerSeq, number>;
  readonly environments: Map<EnvironmentScope, Environment>;
  readonly actions: Actions;
  /** Where commands to the other services were used: `<command id> <ledger subject>`. */
  readonly commands: Set<string>;
  /** The last position at which each key signed an event or an embedded frame. */
  readonly lastSigned: Map<string, LedgerSeq>;
};

/** Before the first event. */
export const createView = (org: Token): View => ({
  org,
  registry: createTimeline(registryInitial),
  registryTimes: new Map(),
  environments: new Map(),
  actions: createActions(),
  commands: new Set(),
  lastSigned: new Map(),
});

/** One environment; made when it is first asked for. */
export const environmentIn = (view: View, scope: Scope): Environment => {
  const known = view.environments.get(scope);
  if (known !== undefined) return known;
  const fresh: Environment = {
    decision: decisionInitial,
    approval: approvalInitial,
    authority: createTimeline(authorityInitial),
    conduct: createTimeline(conductInitial),
    unlawful: [],
  };
  view.environments.set(scope, fresh);
  return fresh;
};

/** The oldest time that a fresh view of this event's writer may still show. */
export const freshSince = ({ ms }: Pick<Judged, 'ms'>): number =>
  ms - Tolerances.viewMs - Tolerances.appendMs;

/** The values that the writer of an event may have had before it, with a view that was fresh enough. */
export const freshOf = <T>(line: Timeline<T>, event: Judged): readonly T[] =>
  line.fresh(event.document.seen, freshSince(event));

/** How a recorded value compares with what the ledger gives: at a fresh view, at a stale one, or not at all. */
export const compare = <T, V>(
  line: Timeline<T>,
  event: Judged,
  of: (folded: T) => V,
  recorded: V,
): 'fits' | 'stale' | 'differs' => {
  if (freshOf(line, event).some((folded) => of(folded) === recorded)) return 'fits';
  return line.since(event.document.seen).some((folded) => of(folded) === recorded) ? 'stale' : 'differs';
};
