// Halts on sight: from the moment a halt is heard until the ledger shows it, nothing beneath it is issued.
import {
  type AgentScope,
  covers,
  type EnvironmentScope,
  environmentOf,
  type HaltTool,
  parseHaltBody,
  parseSubject,
} from '@writ/contracts';
import { haltTouches } from '@writ/domain';
import type { Plane } from '@writ/runtime';

type Heard = {
  readonly scope: string;
  readonly person: string;
  readonly tool: HaltTool | undefined;
  readonly at: number;
};

export interface LiveHalts {
  /** Whether a halt that was heard and is not yet recorded in this agent's environment stops this action. */
  stops(agent: AgentScope, action: { readonly resource: string; readonly operation: string }): boolean;
  stop(): void;
}

const touches = (scope: string, environment: EnvironmentScope): boolean =>
  covers(scope, environment) || covers(environment, scope);

/** Follows `gov.halt.>`; a halt counts per environment until its `halt-engaged` is folded there. */
export const hearHalts = (plane: Plane): LiveHalts => {
  const heard = new Map<string, Heard>();
  const recorded = new Map<string, Set<EnvironmentScope>>();
  const nameOf = (person: string, scope: string, tool: HaltTool | undefined) =>
    `${person} ${scope} ${tool === undefined ? '' : `${tool.resource} ${tool.operation}`}`;
  const subscription = plane.bus.subscribe(`gov.halt.*.${plane.org}.>`, {
    callback: (_, message) => hear(message.subject, message.data),
  });
  const whole = plane.bus.subscribe(`gov.halt.*.${plane.org}`, {
    callback: (_, message) => hear(message.subject, message.data),
  });
  const hear = (subject: string, data: Uint8Array): void => {
    const parsed = parseSubject(subject);
    if (parsed?.kind !== 'halt') return;
    const { tool } = parseHaltBody(new TextDecoder().decode(data));
    const name = nameOf(parsed.person, parsed.scope, tool);
    heard.set(name, { ...parsed, tool, at: plane.clock.mono() });
    recorded.delete(name);
    plane.log.warn({ event: 'halt.heard', scope: parsed.scope, person: parsed.person });
  };
  const settle = (name: string, environment: EnvironmentScope): void => {
    if (heard.has(name)) recorded.set(name, (recorded.get(name) ?? new Set()).add(environment));
  };
  plane.follower.listen(({ document }) => {
    if (document.type === 'writ.authority.halt-engaged.v1') {
      const { person, scope, tool, environment } = document.data;
      settle(nameOf(person, scope, tool), environment);
    }
    // A new environment is opened with the halts in force: what was recorded elsewhere before is not recorded there again.
    if (document.type === 'writ.authority.environment-opened.v1')
      for (const name of recorded.keys()) settle(name, document.data.environment);
  });
  return {
    stops: (agent, action) => {
      const environment = environmentOf(agent);
      for (const [name, halt] of heard) {
        if (!touches(halt.scope, environment) || recorded.get(name)?.has(environment)) continue;
        if (covers(halt.scope, agent) && haltTouches(halt.tool, action)) return true;
      }
      return false;
    },
    stop: () => {
      subscription.unsubscribe();
      whole.unsubscribe();
    },
  };
};
