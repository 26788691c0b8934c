// Brings a service onto the plane: its key, its place on the bus, the ledger, its health. Holds no rule of governance.
import type { NatsConnection } from '@nats-io/transport-node';
import { type Family, inboxOf, type ServiceName, Streams } from '@writ/contracts';
import { isKeyPair, readSigningKey } from '@writ/crypto';
import { createJetStreamLedger, type StreamsReady, type StreamsRefused, verifyStreams } from '@writ/ledger';
import { RuntimeFault } from '../faults.js';
import { installPaths } from '../install/layout.js';
import type { ServiceContext } from '../lifecycle.js';
import type { Log } from '../log.js';
import { connectBus } from '../nats-connect.js';
import { readOrganisation } from './organisation.js';
import { openPlane, type Plane, type PlaneOptions } from './plane.js';

/** The ledger view counts as fresh for this long, ms (ARCHITECTURE §7.1: a boundary at most 2 s stale). */
export const FRESH_MS = 2_000;

const natsUrl = (context: ServiceContext): string => {
  if (context.config.natsUrl !== undefined) return context.config.natsUrl;
  throw new RuntimeFault('WRIT-CFG-001', 'WRIT_NATS_URL is not set');
};

/** The streams that a service cannot do without. */
const neededStreams = (service: ServiceName): readonly string[] =>
  service === 'kill-switch' ? [Streams.ledger, Streams.halts] : [Streams.ledger];

const STREAM_NOT_FOUND = 10059;

const refuseUnlessReady = (streams: StreamsReady | StreamsRefused): void => {
  if (streams.kind === 'refused') throw new RuntimeFault(streams.code, streams.reason);
};

/**
 * A single server loses GOV_INTENTS, a memory stream, with every restart until the bootstrap identity makes it again. Intents are
 * decided without it all the same; only those that nobody answers are then not recorded. One that differs refuses the start.
 */
const checkIntents = async (bus: NatsConnection, log: Log): Promise<void> => {
  try {
    refuseUnlessReady(await verifyStreams(bus, { streams: [Streams.intents] }));
  } catch (error) {
    if ((error as { errCode?: unknown }).errCode !== STREAM_NOT_FOUND) throw error;
    log.error({ event: 'intents.uncaptured' });
  }
};

/**
 * Connects `service` as itself and opens its plane (not yet started). Refuses to run on streams that are not as they must be.
 * Readiness: the bus is connected and the ledger view fresh. A follower that stops for good ends the process (fail closed).
 */
export const connectPlane = async (
  context: ServiceContext,
  service: ServiceName,
  families: readonly Family[],
  onlyTypes?: PlaneOptions['onlyTypes'],
): Promise<Plane> => {
  const { config, log, clock, metrics } = context;
  const { org, roots, threshold } = readOrganisation(config.paths.orgFile);
  const key = readSigningKey(config.paths.keyFile(service));
  const bus = await connectBus({
    url: natsUrl(context),
    seedFile: config.paths.natsSeed(service),
    inboxPrefix: inboxOf(service),
    name: service,
    log,
  });
  refuseUnlessReady(await verifyStreams(bus, { streams: neededStreams(service) }));
  if (service === 'decision') await checkIntents(bus, log);
  const ledger = createJetStreamLedger({ connection: bus });
  const plane = openPlane({
    org,
    service,
    roots,
    threshold,
    key,
    bus,
    ledger,
    families,
    ...(onlyTypes === undefined ? {} : { onlyTypes }),
    mark: { mark: config.paths.markFile(service), adoption: installPaths(config.paths.root).adoptionFile },
    clock,
    log,
    metrics,
    onFailure: (error) => {
      log.fatal({
        event: 'follower.failed',
        error: (error as Error).name,
        code: (error as { code?: string }).code,
      });
      setImmediate(() => {
        throw error;
      });
    },
  });
  context.http.check('bus', () => !bus.isClosed());
  context.http.check('ledger', () => plane.fresh(FRESH_MS));
  return {
    ...plane,
    stop: async () => {
      await plane.stop();
      if (!isKeyPair(key)) await key.close?.();
      await ledger.close();
      await bus.drain();
    },
  };
};
