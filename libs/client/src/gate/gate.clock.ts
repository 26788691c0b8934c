// How the gate reckons time: pauses of this process, the age of the lease, the plane's clock. Pure; the clock comes in.
import { LeaseTimes } from '@writ/contracts';
import type { Instant } from '../clock.js';
import type { GateState } from './gate.state.js';

/** Whether the process stood still (or the machine slept, or the wall clock leapt) since the last beat. */
export const stoodStill = (state: GateState, now: Instant): boolean =>
  now.mono - state.beat.mono > LeaseTimes.loopGapMs || now.wall - state.beat.wall > LeaseTimes.loopGapMs;

/** Upper bound of the lease's age, milliseconds; infinite without one. */
export const leaseAge = (state: GateState, now: Instant): number =>
  state.lease === undefined ? Number.POSITIVE_INFINITY : now.mono - state.lease.issuedAt;

/**
 * The plane's clock now, epoch ms: `late` is an upper bound (for expiry), otherwise the middle of the round trip. While there is
 * no offset it is the wall clock of this side, corrected by the last one.
 */
export const planeTime = (state: GateState, now: Instant, bound?: 'late'): number => {
  if (state.sync === undefined) return now.wall + state.skew;
  const { askedAt, heardAt, planeMs } = state.sync;
  return planeMs + now.mono - (bound === 'late' ? askedAt : (askedAt + heardAt) / 2);
};
