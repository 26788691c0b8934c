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
import type { Plane } from '@writ/runtime';

/** A halt as it was heard last; `recorded`: the environments whose ledger shows it. */
type Heard = { readonly tool: HaltTool | undefined; readonly recorded: Set<EnvironmentScope> };

export interface LiveHalts {
  /** Whether a halt that was heard and is not yet recorded in this agent's environment stops this action. */
  stops(agent: AgentScope, action: { readonly resource: string; readonly operation: string }): boolean;
  stop(): void;
}

const nameOf = (person: string, tool: HaltTool | undefined): string =>
  tool === undefined ? person : `${person} ${tool.resource} ${tool.operation}`;

/** An agent and its three ancestors. */
const scopesOver = (agent: AgentScope): readonly Scope[] => {
  const tokens = agent.split('.');
  return tokens.map((_, n) => tokens.slice(0, n + 1).join('.'));
};

/** Follows `gov.halt.>`; a halt counts per environment until its `halt-engaged` is folded there. */
export const hearHalts = (plane: Plane): LiveHalts => {
  const heard = new Map<Scope, Map<string, Heard>>();
  const hear = (subject: string, data: Uint8Array): void => {
    const parsed = parseSubject(subject);
    if (parsed?.kind !== 'halt') return;
    const { person, scope } = parsed;
    const { tool } = parseHaltBody(new TextDecoder().decode(data));
    const here = heard.get(scope) ?? new Map<string, Heard>();
    heard.set(scope, here.set(nameOf(person, tool), { tool, recorded: new Set() }));
    plane.log.warn({ event: 'halt.heard', scope, person });
  };
  const subscriptions = [`gov.halt.*.${plane.org}`, `gov.halt.*.${plane.org}.>`].map((subject) =>
    plane.bus.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) hear(message.subject, message.data);
      },
    }),
  );
  // A new environment is opened with the halts in force: what was recorded elsewhere before is not recorded there again.
  const open = (environment: EnvironmentScope): void => {
    for (const here of heard.values())
      for (const { recorded } of here.values()) if (recorded.size > 0) recorded.add(environment);
  };
  plane.follower.listen(({ document }) => {
    if (document.type === 'writ.authority.environment-opened.v1') open(document.data.environment);
    if (document.type !== 'writ.authority.halt-engaged.v1') return;
    const { person, scope, tool, environment } = document.data;
    const here = heard.get(scope);
    here?.get(nameOf(person, tool))?.recorded.add(environment);
    // An environment, or an agent of one, is touched nowhere else: from now on the ledger alone speaks of this halt.
    if (covers(environment, scope)) here?.delete(nameOf(person, tool));
  });
  return {
    stops: (agent, action) => {
      const environment = environmentOf(agent);
      return scopesOver(agent).some((scope) =>
        [...(heard.get(scope)?.values() ?? [])].some(
          ({ tool, recorded }) => !recorded.has(environment) && haltTouches(tool, action),
        ),
      );
    },
    stop: () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
};
