// Halts on sight: from the moment a halt is heard until the ledger shows it, nothing beneath it is issued.
import {
  type AgentScope,
  covers,
  type EnvironmentScope,
  environmentOf,
  type HaltTool,
  parseHaltBody,
  parseSubject,
  type Scope,
} from '@writ/contracts';
import { haltTouches } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import type { Plane } from '@writ/runtime';
import { watchArrival } from './arrival.js';

/**
 * A halt as it was heard last: `since` when at the earliest it was sent, wall-clock ms; `recorded`: the environments whose
 * ledger shows it.
 */
type Heard = {
  readonly tool: HaltTool | undefined;
  readonly since: number;
  readonly recorded: Set<EnvironmentScope>;
};

export interface LiveHalts {
  /** Whether a halt that was heard and is not yet recorded in this agent's environment stops this action. */
  stops(agent: AgentScope, action: { readonly resource: string; readonly operation: string }): boolean;
  /** How many halts have been heard that concern an environment or something in it: it never falls. */
  heardIn(environment: EnvironmentScope): number;
  stop(): void;
}

/** How far clocks may be apart and how long a halt may be on its way to us while the connection lives, ms. */
const ON_THE_WAY_MS = 10_000;

const nameOf = (person: string, tool: HaltTool | undefined): string =>
  tool === undefined ? person : `${person} ${tool.resource} ${tool.operation}`;

/** A scope and everything above it. */
const scopesOver = (scope: Scope): readonly Scope[] => {
  const tokens = scope.split('.');
  return tokens.map((_, n) => tokens.slice(0, n + 1).join('.'));
};

const isEnvironment = (scope: Scope): boolean => scope.split('.').length === 3;

/** What was heard, by scope; pure book-keeping. */
const keepHeard = () => {
  const heard = new Map<Scope, Map<string, Heard>>();
  const counts = new Map<Scope, number>();
  return {
    hear: (scope: Scope, person: string, tool: HaltTool | undefined, since: number): void => {
      const here = heard.get(scope) ?? new Map<string, Heard>();
      heard.set(scope, here.set(nameOf(person, tool), { tool, since, recorded: new Set() }));
      const counted = scopesOver(scope).find(isEnvironment) ?? scope;
      counts.set(counted, (counts.get(counted) ?? 0) + 1);
    },
    over: (scope: Scope): readonly Heard[] =>
      scopesOver(scope).flatMap((above) => [...(heard.get(above)?.values() ?? [])]),
    heardIn: (environment: EnvironmentScope): number =>
      scopesOver(environment).reduce((sum, scope) => sum + (counts.get(scope) ?? 0), 0),
    /** A new environment is opened with the halts in force: what was recorded elsewhere before is not recorded there again. */
    open: (environment: EnvironmentScope): void => {
      for (const here of heard.values())
        for (const { recorded } of here.values()) if (recorded.size > 0) recorded.add(environment);
    },
    /** Only a fact about this very halt settles it: one that was heard before it speaks of an earlier halt. */
    settle: ({ document }: LedgerEvent): void => {
      if (document.type !== 'writ.authority.halt-engaged.v1') return;
      const { person, scope, tool, environment, heardAt } = document.data;
      const here = heard.get(scope);
      const halt = here?.get(nameOf(person, tool));
      if (halt === undefined || Date.parse(heardAt) < halt.since - ON_THE_WAY_MS) return;
      halt.recorded.add(environment);
      // An environment, or an agent of one, is touched nowhere else: from now on the ledger alone speaks of this halt.
      if (covers(environment, scope)) here?.delete(nameOf(person, tool));
    },
  };
};

/** Follows `gov.halt.>`; a halt counts per environment until its own `halt-engaged` is folded there. */
export const hearHalts = (plane: Plane): LiveHalts => {
  const halts = keepHeard();
  const arrival = watchArrival(plane);
  const hear = (subject: string, data: Uint8Array): void => {
    const parsed = parseSubject(subject);
    if (parsed?.kind !== 'halt') return;
    const { person, scope } = parsed;
    const { tool } = parseHaltBody(new TextDecoder().decode(data));
    halts.hear(scope, person, tool, arrival.since());
    plane.log.warn({ event: 'halt.heard', scope, person });
  };
  const subscriptions = [`gov.halt.*.${plane.org}`, `gov.halt.*.${plane.org}.>`].map((subject) =>
    plane.bus.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) hear(message.subject, message.data);
      },
    }),
  );
  plane.follower.listen((event) => {
    if (event.void) return;
    const { document } = event;
    if (document.type === 'writ.authority.environment-opened.v1') halts.open(document.data.environment);
    halts.settle(event);
  });
  return {
    stops: (agent, action) => {
      const environment = environmentOf(agent);
      return halts
        .over(agent)
        .some(({ tool, recorded }) => !recorded.has(environment) && haltTouches(tool, action));
    },
    heardIn: halts.heardIn,
    stop: () => {
      arrival.stop();
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
};
