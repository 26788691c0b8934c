// The only file that knows NATS: a connection with a private inbox that reconnects for ever. It reads no message.
import {
  type ConnectionOptions,
  connect,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { WritError } from './errors.js';

/** The bus as the rest of this package sees it. */
export interface Bus {
  /** One request; `undefined` when nobody answered in time, for whatever reason. Never throws. */
  request(subject: string, message: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined>;
  /** Calls `hear` at once, inside the read of the socket; `refused` when the bus does not allow or no longer keeps it. */
  subscribe(subject: string, hear: (subject: string, message: Uint8Array) => void, refused: () => void): void;
  onConnection(change: (connected: boolean) => void): void;
  /** Resolves when the server has seen everything sent so far. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export type BusOptions = {
  readonly url: string | readonly string[];
  /** NKey seed of the connection; never an event key. Without it no authentication is offered. */
  readonly seed?: string;
  readonly inboxPrefix: string;
  readonly name: string;
  readonly connectTimeoutMs: number;
};

/**
 * Connects. A dead server is noticed after two missed pings (about 6 s); the lease notices first. Throws WRIT-CLI-005 when
 * no server answers in time.
 */
export const connectBus = async (options: BusOptions): Promise<Bus> => busOver(await dial(options));

const dial = async (options: BusOptions): Promise<NatsConnection> => {
  try {
    return await connect(connectionOptions(options));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no connection';
    throw new WritError('WRIT-CLI-005', why, { cause: error });
  }
};

const connectionOptions = ({
  url,
  seed,
  inboxPrefix,
  name,
  connectTimeoutMs,
}: BusOptions): ConnectionOptions => ({
  servers: typeof url === 'string' ? url : [...url],
  name,
  inboxPrefix,
  timeout: connectTimeoutMs,
  pingInterval: 2000,
  maxPingOut: 2,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
  reconnectJitter: 100,
  ignoreAuthErrorAbort: true,
  noAsyncTraces: true,
  ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
});

const busOver = (connection: NatsConnection): Bus => {
  const watchers: ((connected: boolean) => void)[] = [];
  void watch(connection, (connected) => {
    for (const change of watchers) change(connected);
  });
  return {
    request: async (subject, message, timeout) => {
      try {
        return (await connection.request(subject, message, { timeout })).data;
      } catch {
        return undefined;
      }
    },
    subscribe: (subject, hear, refused) => {
      connection.subscribe(subject, {
        callback: (error: Error | null, message: Msg) => {
          if (error === null) hear(message.subject, message.data);
          else refused();
        },
      });
    },
    onConnection: (change) => void watchers.push(change),
    flush: () => connection.flush().catch(() => undefined),
    close: () => connection.close(),
  };
};

const watch = async (connection: NatsConnection, change: (connected: boolean) => void): Promise<void> => {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect' || status.type === 'staleConnection') change(false);
    if (status.type === 'reconnect') change(true);
  }
};
