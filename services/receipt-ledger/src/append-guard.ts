// The last look before receipts are appended: what was decided a moment ago may only be written while nothing has changed.
import type { EnvironmentScope } from '@writ/contracts';
import { FRESH_MS, type Plane } from '@writ/runtime';
import type { LeaseWatch } from './lease-watch.js';
import type { LiveHalts } from './live-halts.js';

export interface AppendGuard {
  /** To be called whenever something is decided for an environment: halts heard from here on hold it back. */
  decided(environment: EnvironmentScope): void;
  /** Asked before every attempt to append: false holds the batch back, so that it is decided again. */
  allows(environment: EnvironmentScope): boolean;
}

/** What the guard looks at. */
export type GuardedBy = {
  readonly plane: Pick<Plane, 'fresh'> & { readonly follower: Pick<Plane['follower'], 'position'> };
  readonly leases: Pick<LeaseWatch, 'fresh' | 'haltPosition'>;
  readonly halts: Pick<LiveHalts, 'heardIn'>;
};

/**
 * Allows an append only with a fresh lease whose halts are folded, a fresh view, and no halt heard in that environment since the
 * last decision there. One writer decides and appends by turns, so that the last decision is that of the batch at hand.
 */
export const createAppendGuard = ({ plane, leases, halts }: GuardedBy): AppendGuard => {
  const heardAtDecision = new Map<EnvironmentScope, number>();
  return {
    decided: (environment) => void heardAtDecision.set(environment, halts.heardIn(environment)),
    allows: (environment) =>
      leases.fresh(environment) &&
      leases.haltPosition(environment) <= plane.follower.position() &&
      plane.fresh(FRESH_MS) &&
      halts.heardIn(environment) === heardAtDecision.get(environment),
  };
};
