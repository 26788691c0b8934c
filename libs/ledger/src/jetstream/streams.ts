// Setting up and checking the streams and the server. Creates, never updates or deletes: a difference stops the start.
import type { NatsConnection } from '@nats-io/transport-node';
import { askApi, JetStreamError } from './api.js';
import {
  compareStream,
  type FieldDifference,
  type StreamFields,
  type StreamSizes,
  streamConfigs,
} from './stream-config.js';

/** The oldest server that has atomic batches. */
export const MIN_SERVER = '2.12.0';

export type StreamsReady = { readonly kind: 'ready' };
export type StreamsRefused = {
  readonly kind: 'refused';
  readonly code: 'WRIT-LED-004' | 'WRIT-LED-005';
  /** Names the server and its version, or stream, field, expected and actual value of the first difference. */
  readonly reason: string;
  readonly differences: readonly FieldDifference[];
};

const ALREADY_THERE = 10058;
const TIMEOUT_MS = 5_000;

const refused = (
  code: StreamsRefused['code'],
  reason: string,
  differences: readonly FieldDifference[] = [],
): StreamsRefused => ({ kind: 'refused', code, reason, differences });

const versionNumber = (version: string): number => {
  const [major = 0, minor = 0, patch = 0] = version
    .split(/[.-]/)
    .map((part) => Number.parseInt(part, 10) || 0);
  return (major * 1_000 + minor) * 1_000 + patch;
};

/** Refuses servers below 2.12 by name and version (WRIT-LED-005). */
export const checkServer = (server: {
  readonly server_name?: string;
  readonly version?: string;
}): StreamsReady | StreamsRefused => {
  const version = server.version ?? 'unknown';
  if (versionNumber(version) >= versionNumber(MIN_SERVER)) return { kind: 'ready' };
  const name = server.server_name ?? 'unnamed';
  return refused(
    'WRIT-LED-005',
    `nats-server ${name} is version ${version}; ${MIN_SERVER} or later is needed`,
  );
};

type Echo = { readonly config: StreamFields };

const createOrLook = async (connection: NatsConnection, config: StreamFields): Promise<StreamFields> => {
  const name = String(config['name']);
  try {
    return (await askApi<Echo>(connection, `STREAM.CREATE.${name}`, config, TIMEOUT_MS)).config;
  } catch (error) {
    if (!(error instanceof JetStreamError) || error.errCode !== ALREADY_THERE) throw error;
    return look(connection, config);
  }
};

const look = async (connection: NatsConnection, config: StreamFields): Promise<StreamFields> =>
  (await askApi<Echo>(connection, `STREAM.INFO.${config['name']}`, {}, TIMEOUT_MS)).config;

const describe = (d: FieldDifference): string =>
  `${d.stream}.${d.field} is ${JSON.stringify(d.actual ?? null)} and must be ${JSON.stringify(d.expected ?? null)}`;

const check = async (
  connection: NatsConnection,
  configs: readonly StreamFields[],
  echo: (connection: NatsConnection, config: StreamFields) => Promise<StreamFields>,
  ignore: readonly string[] = [],
): Promise<StreamsReady | StreamsRefused> => {
  const server = checkServer(connection.info ?? {});
  if (server.kind === 'refused') return server;
  const differences: FieldDifference[] = [];
  for (const config of configs) {
    differences.push(...compareStream(config, await echo(connection, config), ignore));
  }
  const first = differences[0];
  return first === undefined ? { kind: 'ready' } : refused('WRIT-LED-004', describe(first), differences);
};

/**
 * Creates the streams that are missing and compares each echoed configuration field by field, deny flags and `allow_atomic`
 * included. Needs the bootstrap identity. Never updates: STREAM.UPDATE could truncate the ledger.
 */
export const ensureStreams = (
  connection: NatsConnection,
  sizes: StreamSizes,
): Promise<StreamsReady | StreamsRefused> => check(connection, streamConfigs(sizes), createOrLook);

/**
 * The same comparison with STREAM.INFO alone: what every service does before it starts. Rejects when a stream does not exist.
 * `streams`: only these; a service may not ask about others. Sizes that are not given are not compared.
 */
export const verifyStreams = (
  connection: NatsConnection,
  options: Partial<StreamSizes> & { readonly streams?: readonly string[] } = {},
): Promise<StreamsReady | StreamsRefused> => {
  const configs = streamConfigs({ ...options, replicas: options.replicas ?? 1 }).filter(
    ({ name }) => options.streams?.includes(String(name)) ?? true,
  );
  const unknown = [
    ...(options.replicas === undefined ? ['num_replicas'] : []),
    ...(options.ledgerMaxBytes === undefined && options.intentsMaxBytes === undefined ? ['max_bytes'] : []),
  ];
  return check(connection, configs, look, unknown);
};

/**
 * Whether a server writes through to the disk before it acknowledges (`sync_interval: always`). Takes the body of its
 * monitoring page `/varz` or `/jsz?config=true`; the JetStream API does not say.
 */
export const checkSync = (page: unknown): StreamsReady | StreamsRefused => {
  const varz = page as {
    jetstream?: { config?: Record<string, unknown> };
    config?: Record<string, unknown>;
  } | null;
  const config = varz?.jetstream?.config ?? varz?.config;
  return config?.['sync_always'] === true
    ? { kind: 'ready' }
    : refused('WRIT-LED-004', 'the server does not sync always: set jetstream { sync_interval: always }');
};
