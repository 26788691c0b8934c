// Whether the kill-switch is there: fresh signed leases, judged on the monotonic clock. In doubt, not fresh.
import { type EnvironmentScope, LeaseTimes, liveDocuments, livePayloadType, subjects } from '@writ/contracts';
import { openFrameAsync } from '@writ/crypto';
import { findKey, isKeyActive } from '@writ/domain';
import { type Plane, publicKeyOf, watchEventLoop } from '@writ/runtime';

/** How far the wall clocks of two machines of the plane may be apart, ms. */
const SKEW_MS = 1_000;

export interface LeaseWatch {
  /** True while a lease of this environment, not older than it allows, has been received and nothing has paused us since. */
  fresh(environment: EnvironmentScope): boolean;
  /** Position of the last halt or release that a lease has named. */
  haltPosition(environment: EnvironmentScope): number;
  stop(): void;
}

type Held = {
  readonly receivedAt: number;
  readonly validMs: number;
  readonly haltPosition: number;
  readonly epoch: number;
};

/**
 * Follows `gov.lease.<org>.>`. After a pause of this process (a gap of the event loop above 500 ms) what was buffered meanwhile
 * does not count: the gate stays closed until a round trip to the server has flushed it and a new lease has come.
 */
export const watchLeases = (plane: Plane): LeaseWatch => {
  const held = new Map<EnvironmentScope, Held>();
  let flushing = false;
  const loop = watchEventLoop(LeaseTimes.loopGapMs, () => {
    held.clear();
    flushing = true;
    plane.bus.flush().then(
      () => {
        held.clear();
        flushing = false;
      },
      () => {
        flushing = false;
      },
    );
  });
  const subscription = plane.bus.subscribe(subjects.lease(`${plane.org}.*.*`), {
    callback: (error, message) => {
      if (error === null && !flushing)
        void receive(plane, held, message.subject, message.data, plane.clock.mono());
    },
  });
  return {
    fresh: (environment) => {
      const lease = held.get(environment);
      return (
        !flushing &&
        !loop.late() &&
        lease !== undefined &&
        plane.clock.mono() - lease.receivedAt <= lease.validMs
      );
    },
    haltPosition: (environment) => held.get(environment)?.haltPosition ?? 0,
    stop: () => {
      loop.stop();
      subscription.unsubscribe();
    },
  };
};

const receive = async (
  plane: Plane,
  held: Map<EnvironmentScope, Held>,
  subject: string,
  bytes: Uint8Array,
  receivedAt: number,
): Promise<void> => {
  const opened = await openFrameAsync(bytes, livePayloadType('lease'), (kid) => {
    const key = findKey(plane.registry(), kid);
    return key?.role === 'kill-switch' && isKeyActive(key) ? publicKeyOf(key) : undefined;
  });
  if (!opened.ok) return plane.metrics.refused(opened.code);
  const lease = liveDocuments.lease.safeParse(opened.document);
  if (!lease.success) return plane.metrics.refused('WRIT-FRM-009');
  if (lease.data.subject !== subject) return plane.metrics.refused('WRIT-FRM-008');
  const { data, time } = lease.data;
  const age = Math.abs(plane.clock.now() - Date.parse(time));
  if (!(age <= data.validMs + SKEW_MS)) return plane.metrics.refused('WRIT-DEC-001');
  const { environment, epoch, haltPosition, validMs } = data;
  if (subjects.lease(environment) !== subject) return plane.metrics.refused('WRIT-FRM-008');
  if (epoch < (held.get(environment)?.epoch ?? 0)) return plane.metrics.refused('WRIT-DEC-001');
  held.set(environment, {
    receivedAt,
    validMs: Math.min(validMs, LeaseTimes.validMs * 4),
    haltPosition,
    epoch,
  });
};
