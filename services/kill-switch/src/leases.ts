// Signs the leases: as long as they come, enforcement points may act. Silence stops everybody, so nothing here retries or waits.
import { type EnvironmentScope, LeaseTimes, subjects } from '@writ/contracts';
import { type AuthorityState, environments, haltPosition, isOpened } from '@writ/domain';
import { FRESH_MS, type Plane, signLiveWith, type WriterPool } from '@writ/runtime';

/** Whether this service knows of every halt, and whether all of them are recorded in an environment. */
export type HaltsKnown = {
  readonly current: () => boolean;
  readonly settled: (environment: EnvironmentScope) => boolean;
};

/**
 * Renews the lease of every opened environment every 500 ms while the ledger view is fresh and no halt is waiting to be recorded.
 * `giveNotices` publishes the notices that wait, before a lease that knows of what they tell.
 */
export const renewLeases = (
  plane: Plane,
  authority: WriterPool<AuthorityState>,
  epoch: number,
  halts: HaltsKnown,
  giveNotices: () => void,
): { stop(): void } => {
  const renew = async (environment: EnvironmentScope): Promise<void> => {
    const state = authority.state(environment);
    if (!isOpened(state) || !halts.settled(environment)) return;
    const data = { environment, epoch, haltPosition: haltPosition(state), validMs: LeaseTimes.validMs };
    const subject = subjects.lease(environment);
    const at = { time: plane.timestamp() };
    const { bytes } = await signLiveWith('lease', subject, data, plane.key, at);
    // An external signer takes its time: what has been halted meanwhile is given no lease that does not know of it.
    const same = haltPosition(authority.state(environment)) === data.haltPosition;
    if (same && halts.settled(environment) && !plane.bus.isClosed()) plane.bus.publish(subject, bytes);
  };
  const timer = setInterval(() => {
    if (!plane.fresh(FRESH_MS) || !halts.current() || plane.bus.isClosed()) return;
    giveNotices();
    for (const { scope } of environments(plane.registry())) {
      renew(scope).catch((error: unknown) =>
        plane.log.error({ event: 'lease.unsigned', environment: scope, error: (error as Error).name }),
      );
    }
  }, LeaseTimes.renewEveryMs);
  return { stop: () => clearInterval(timer) };
};
