// Records who has not stopped: the agents beneath a halt that were here and have not acknowledged it.
import { type AgentScope, covers, type EnvironmentScope } from '@writ/contracts';
import {
  type AgentRecord,
  type AuthorityState,
  acknowledgedBy,
  agents,
  decideUnconfirmed,
  type Halt,
  haltsInForce,
  type StopState,
  unconfirmedOf,
} from '@writ/domain';
import type { Plane, WriterPool } from '@writ/runtime';

const RECORD_MS = 2_000;
/** An agent that has not acknowledged a halt after this long is recorded as unconfirmed, ms. */
const CONFIRM_MS = 2_000;

export type UnconfirmedDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly stop: WriterPool<StopState>;
  /** The agents that have shown themselves since the start: they are expected to answer. */
  readonly seen: ReadonlySet<AgentScope>;
};

/** Those beneath the halt that were here, now or when the silence was recorded last, and have not acknowledged. */
const silentUnder = (halt: Halt, here: readonly AgentRecord[], deps: UnconfirmedDeps, state: StopState) => {
  const acknowledged = new Set(acknowledgedBy(state, halt.id).map((ack) => ack.agent));
  const before = new Set(unconfirmedOf(state, halt.id));
  const expected = (agent: AgentScope) => deps.seen.has(agent) || before.has(agent);
  return here
    .filter(({ agent, status }) => status !== 'retired' && covers(halt.scope, agent) && expected(agent))
    .map(({ agent }) => agent)
    .filter((agent) => !acknowledged.has(agent));
};

/** Gives the work of one round: it looks at a halt only when something that it depends on has changed since. */
export const createUnconfirmed = (deps: UnconfirmedDeps): (() => Promise<void>) => {
  const { plane, authority, stop, seen } = deps;
  const looked = new Map<string, string>();
  const lookAt = async (environment: EnvironmentScope, before: number): Promise<void> => {
    const state = stop.state(environment);
    const basis = (halt: Halt) =>
      [acknowledgedBy(state, halt.id).length, seen.size, plane.registry().ver].join(' ');
    const place = (halt: Halt) => `${halt.id} ${environment}`;
    const due = haltsInForce(authority.state(environment)).filter(
      (halt) =>
        halt.tool === undefined &&
        Date.parse(halt.engagedAt) <= before &&
        looked.get(place(halt)) !== basis(halt),
    );
    if (due.length === 0) return;
    const here = agents(plane.registry(), environment);
    for (const halt of due) {
      const now = basis(halt);
      const silent = silentUnder(halt, here, deps, state);
      const done = await stop.of(environment).submit({
        id: halt.id,
        deadline: performance.now() + RECORD_MS,
        decide: (view) => decideUnconfirmed({ environment, halt: halt.id, agents: silent }, view.state),
      });
      if (done.kind === 'done') looked.set(place(halt), now);
    }
  };
  return async () => {
    const before = plane.clock.now() - CONFIRM_MS;
    for (const environment of authority.scopes()) await lookAt(environment, before);
    const kept = new Set(
      authority.scopes().flatMap((e) => haltsInForce(authority.state(e)).map((halt) => `${halt.id} ${e}`)),
    );
    for (const place of [...looked.keys()]) if (!kept.has(place)) looked.delete(place);
  };
};
