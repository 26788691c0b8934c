// Halts that a service asks for as its reserved person: derived from the ledger, so that none is lost with the process that owed
// it. It asks through the bus like everybody; it records nothing.
import { type AgentScope, subjects } from '@writ/contracts';
import type { LedgerEvent } from '@writ/ledger';
import type { Plane } from './plane.js';

/** What an event says about halting an agent: it demands it, or takes the demand back. */
export type HaltDemand = { readonly agent: AgentScope; readonly wanted: boolean };

export type HaltDemandOptions = {
  /** The reserved person under which the service halts, e.g. `svc-anomaly`. */
  readonly person: string;
  readonly reason: string;
  readonly demandOf: (event: LedgerEvent) => HaltDemand | undefined;
};

/** The plane must fold the authority family. */
export interface HaltDemands {
  /** Publishes the halt of an agent now. */
  ask(agent: AgentScope): void;
  /** Publishes every halt that the ledger demands and does not show since; each at most every 15 s. Safe to repeat. */
  askMissing(): void;
}

/** Every publish is captured and counts as a halt of its own: one that is under way is given this long, ms. */
const REPEAT_MS = 15_000;

/** Follows demands and halts; before `plane.start` only. */
export const keepHaltDemands = (plane: Plane, options: HaltDemandOptions): HaltDemands => {
  const { person, reason, demandOf } = options;
  const demanded = new Set<AgentScope>();
  const asked = new Map<AgentScope, number>();
  const settle = (agent: AgentScope): void => {
    demanded.delete(agent);
    asked.delete(agent);
  };
  plane.follower.fold((event) => {
    if (event.void) return;
    const { document } = event;
    if (document.type === 'writ.authority.halt-engaged.v1') {
      if (document.data.person === person) settle(document.data.scope);
      return;
    }
    const demand = demandOf(event);
    if (demand?.wanted === true) demanded.add(demand.agent);
    if (demand?.wanted === false) settle(demand.agent);
  });
  const ask = (agent: AgentScope): void => {
    asked.set(agent, plane.clock.mono());
    plane.bus.publish(subjects.halt(person, agent), JSON.stringify({ reason }));
  };
  return {
    ask,
    askMissing: () => {
      const now = plane.clock.mono();
      for (const agent of demanded) {
        if (now - (asked.get(agent) ?? Number.NEGATIVE_INFINITY) >= REPEAT_MS) ask(agent);
      }
    },
  };
};
