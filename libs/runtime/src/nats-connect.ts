// Owns a service's connection to the bus: who it is, its own inbox, and that it never gives up. It sends nothing by itself.
import {
  AuthorizationError,
  type ConnectionOptions,
  connect,
  type NatsConnection,
  nkeyAuthenticator,
  type Status,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import { RuntimeFault } from './faults.js';
import type { Log } from './log.js';
import { assertNatsVersion } from './nats-server/binary.js';
import { readPrivateFile } from './private-file.js';

/**
 * Exactly one of `seedFile` (mode 0600, one line) and `seed` names the identity; neither means no authentication (tests).
 * `inboxPrefix` is this identity's private inbox, e.g. `_INBOX.decision`. `waitMs` bounds the first connect (default 5,000).
 */
export type BusOptions = {
  readonly url: string | readonly string[];
  readonly seedFile?: string;
  readonly seed?: string;
  readonly inboxPrefix: string;
  readonly name: string;
  readonly log?: Log;
  readonly waitMs?: number;
};

/**
 * A connection with its own inbox that reconnects for ever. A dead server is noticed within about 6 s (ping every 2 s, two
 * missed). Status changes are logged by event name only. Throws WRIT-NATS-002 (server below 2.12), WRIT-NATS-005
 * (unreachable or refused), WRIT-KEY-101/102 (seed file).
 */
export async function connectBus(options: BusOptions): Promise<NatsConnection> {
  const connection = await dial(connectionOptions(options), performance.now() + (options.waitMs ?? 5000));
  const version = connection.info?.version ?? 'unknown';
  try {
    assertNatsVersion(version, connection.getServer());
  } catch (error) {
    await connection.close();
    throw error;
  }
  options.log?.info({ server: connection.getServer(), version }, 'bus.connected');
  if (options.log) void logStatus(connection, options.log);
  return connection;
}

function connectionOptions({
  url,
  seed,
  seedFile,
  inboxPrefix,
  name,
  waitMs = 5000,
}: BusOptions): ConnectionOptions {
  const secret = seedFile === undefined ? seed : readPrivateFile(seedFile);
  return {
    servers: typeof url === 'string' ? url : [...url],
    name,
    inboxPrefix,
    timeout: waitMs,
    pingInterval: 2000,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(secret === undefined ? {} : { authenticator: nkeyAuthenticator(new TextEncoder().encode(secret)) }),
  };
}

// A server that is just starting is waited for; one that refuses this identity is not.
async function dial(options: ConnectionOptions, end: number): Promise<NatsConnection> {
  try {
    return await connect(options);
  } catch (error) {
    const refused = error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
    if (refused || performance.now() > end) {
      const why = error instanceof Error ? error.message : 'unknown';
      throw new RuntimeFault('WRIT-NATS-005', `${options.name}: ${why}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    return dial(options, end);
  }
}

async function logStatus(connection: NatsConnection, log: Log): Promise<void> {
  for await (const status of connection.status()) {
    const fields = describe(status);
    if (status.type === 'ping') log.trace(fields, 'bus.ping');
    else if (status.type === 'reconnect' || status.type === 'update') log.info(fields, `bus.${status.type}`);
    else log.warn(fields, `bus.${status.type}`);
  }
}

function describe(status: Status): Record<string, unknown> {
  if (status.type === 'error') return { error: status.error.name };
  if (status.type === 'disconnect' || status.type === 'reconnect') return { server: status.server };
  if (status.type === 'slowConsumer') return { pending: status.pending };
  return {};
}
