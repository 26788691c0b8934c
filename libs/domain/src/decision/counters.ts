// Sliding windows, exact: when what counted, and how much of it lies within a window. Knows no boundary in force.
import type { AgentScope, PermissionBoundary } from '@writ/contracts';
import { List } from 'immutable';
import { compileBoundary } from '../boundary/compile.js';
import type { ActionNames } from '../boundary/verdict.js';
import { counterKey, type DecisionState, DecisionTimes } from './decision.state.js';

/** Index of the first entry later than `after`, in an ascending list. */
const firstAfter = (times: List<number>, after: number): number => {
  let low = 0;
  let high = times.size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times.get(middle) as number) > after) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** How many entries lie in the window that ends at `now`: later than `now - window`. */
export const countWithin = (times: List<number> | undefined, now: number, windowMs: number): number =>
  times === undefined ? 0 : times.size - firstAfter(times, now - windowMs);

const MAX = DecisionTimes.highestLimit;

/** Adds an entry and drops what no limit can ask for any more: out of the longest window, or beyond the highest limit. */
export const record = (times: List<number> | undefined, at: number): List<number> => {
  const all = (times ?? List<number>()).push(at);
  const stale = firstAfter(all, at - DecisionTimes.longestWindowMs);
  const drop = Math.max(stale, all.size - MAX);
  return drop > 0 ? all.slice(drop) : all;
};

/**
 * The counters of the boundary's limits that cover the action, as they stand before it: permitted and escalated intents
 * of this agent within each limit's window. Exact up to the highest limit there can be (100,000). `now` in ms since epoch.
 */
export const limitCounters = (
  state: DecisionState,
  boundary: PermissionBoundary,
  agent: AgentScope,
  action: Pick<ActionNames, 'operation' | 'resource'>,
  now: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    compileBoundary(boundary)
      .limits.filter(({ covers }) => covers(action.operation, action.resource))
      .map(({ limit }) => {
        const times = state.counted.get(counterKey(agent, limit.id));
        return [limit.id, countWithin(times, Math.max(now, state.clock), limit.windowSeconds * 1000)];
      }),
  );
