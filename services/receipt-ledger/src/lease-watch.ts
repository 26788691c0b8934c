// Whether the kill-switch is there: fresh signed leases, judged on the monotonic clock. In doubt, not fresh.
import {
  type Code,
  type EnvironmentScope,
  type Lease,
  LeaseTimes,
  liveDocuments,
  livePayloadType,
  subjects,
} from '@writ/contracts';
import { openFrameAsync } from '@writ/crypto';
import { findKey, isKeyActive } from '@writ/domain';
import { type Plane, publicKeyOf, watchEventLoop } from '@writ/runtime';

/** How far the wall clocks of two machines of the plane may be apart, ms. */
const SKEW_MS = 1_000;

export interface LeaseWatch {
  /** True while a lease of this environment, signed no longer ago than it allows, is held and nothing has paused us since. */
  fresh(environment: EnvironmentScope): boolean;
  /** Position of the last halt or release that a lease has named. */
  haltPosition(environment: EnvironmentScope): number;
  stop(): void;
}

type Held = {
  /** Monotonic ms, as far as the wall clock of the signer tells. */
  readonly signedAt: number;
  readonly validMs: number;
  readonly haltPosition: number;
  readonly epoch: number;
};

/**
 * Follows `gov.lease.<org>.>`. A lease counts from when it was signed, not from when it was read. After a pause of this process
 * (a gap of the event loop above 500 ms) what was buffered meanwhile does not count, not even what is being verified: the gate
 * stays closed until a round trip to the server has flushed it and a new lease has come.
 */
export const watchLeases = (plane: Plane): LeaseWatch => {
  const held = new Map<EnvironmentScope, Held>();
  let flushing = false;
  let generation = 0;
  const drop = (): number => {
    held.clear();
    generation += 1;
    return generation;
  };
  const loop = watchEventLoop(LeaseTimes.loopGapMs, () => {
    const pause = drop();
    flushing = true;
    const over = (): void => {
      if (pause !== generation) return;
      drop();
      flushing = false;
    };
    plane.bus.flush().then(over, over);
  });
  const take = async (subject: string, bytes: Uint8Array): Promise<void> => {
    const [born, receivedAt, now] = [generation, plane.clock.mono(), plane.clock.now()];
    const lease = await openLease(plane, subject, bytes, now);
    if (typeof lease === 'string') return plane.metrics.refused(lease);
    if (born !== generation) return;
    const { environment, epoch, haltPosition, validMs } = lease.data;
    if (epoch < (held.get(environment)?.epoch ?? 0)) return plane.metrics.refused('WRIT-DEC-001');
    held.set(environment, {
      signedAt: receivedAt - Math.max(0, now - Date.parse(lease.time)),
      validMs: Math.min(validMs, LeaseTimes.validMs * 4),
      haltPosition,
      epoch,
    });
  };
  const subscription = plane.bus.subscribe(subjects.lease(`${plane.org}.*.*`), {
    callback: (error, message) => {
      if (error !== null) return;
      if (flushing || loop.late()) {
        plane.metrics.refused('WRIT-FRM-011');
        return;
      }
      take(message.subject, message.data).catch((failure: Error) =>
        plane.log.error({ event: 'lease.failed', error: failure.name }),
      );
    },
  });
  return {
    fresh: (environment) => {
      const lease = held.get(environment);
      return (
        !flushing &&
        !loop.late() &&
        lease !== undefined &&
        plane.clock.mono() - lease.signedAt <= lease.validMs
      );
    },
    haltPosition: (environment) => held.get(environment)?.haltPosition ?? 0,
    stop: () => {
      loop.stop();
      subscription.unsubscribe();
    },
  };
};

/** The lease in a message, or the code with which it is refused. `now`: wall-clock ms when it came. */
const openLease = async (
  plane: Plane,
  subject: string,
  bytes: Uint8Array,
  now: number,
): Promise<Lease | Code> => {
  const opened = await openFrameAsync(bytes, livePayloadType('lease'), (kid) => {
    const key = findKey(plane.registry(), kid);
    return key?.role === 'kill-switch' && isKeyActive(key) ? publicKeyOf(key) : undefined;
  });
  if (!opened.ok) return opened.code as Code;
  const parsed = liveDocuments.lease.safeParse(opened.document);
  if (!parsed.success) return 'WRIT-FRM-009';
  const lease = parsed.data;
  if (lease.subject !== subject || subjects.lease(lease.data.environment) !== subject) return 'WRIT-FRM-008';
  const age = Math.abs(now - Date.parse(lease.time));
  return age <= lease.data.validMs + SKEW_MS ? lease : 'WRIT-DEC-001';
};
