// Owns a TCP proxy on loopback for fault tests. It forwards bytes or withholds them; it never changes one.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy before one server. Faults hold until `heal`. */
export interface FaultProxy {
  readonly port: number;
  /** The target's address with this proxy's host and port. */
  readonly url: string;
  /** Connections that are open now. */
  connections(): number;
  /** Ends every connection; new ones are refused until `heal` (`false`: only the present ones end). */
  cut(refuseNew?: boolean): void;
  /** Every chunk waits so many ms, in both directions; order is kept. 0 ends it. */
  delay(ms: number): void;
  /** What the server sends is lost from now on, what the client sends arrives: acknowledgements go missing. */
  dropReplies(): void;
  /** What the client sends is lost from now on, what the server sends arrives. */
  dropRequests(): void;
  /** Bytes withheld from the client so far. */
  dropped(): number;
  /** Ends all faults. A connection that lost bytes cannot go on and is ended: clients reconnect. */
  heal(): void;
  close(): Promise<void>;
}

type Faults = {
  refuse: boolean;
  delayMs: number;
  dropReplies: boolean;
  dropRequests: boolean;
  dropped: number;
};
type Pair = { readonly client: Socket; readonly server: Socket; damaged: boolean };
type State = {
  readonly faults: Faults;
  readonly pairs: Set<Pair>;
  readonly host: string;
  readonly port: number;
};

/**
 * Starts a proxy on a free loopback port before the server at `target`, e.g. `nats://127.0.0.1:4222` or `postgres://...`.
 * Give NATS clients `ignoreClusterUpdates`, else they learn the way around it.
 */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const url = new URL(target);
  const faults: Faults = { refuse: false, delayMs: 0, dropReplies: false, dropRequests: false, dropped: 0 };
  const state: State = { faults, pairs: new Set(), host: url.hostname, port: Number(url.port) };
  const server = createServer((client) => accept(state, client));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return { port, url: rewritten(target, url.port, url.hostname, port), ...controls(state, server) };
}

function rewritten(target: string, oldPort: string, oldHost: string, port: number): string {
  return target.replace(`${oldHost}:${oldPort}`, `127.0.0.1:${port}`);
}

function controls(state: State, server: Server): Omit<FaultProxy, 'port' | 'url'> {
  const { faults, pairs } = state;
  return {
    connections: () => pairs.size,
    cut: (refuseNew = true) => {
      faults.refuse = refuseNew;
      for (const pair of [...pairs]) end(pairs, pair);
    },
    delay: (ms) => {
      faults.delayMs = ms;
    },
    dropReplies: () => {
      faults.dropReplies = true;
    },
    dropRequests: () => {
      faults.dropRequests = true;
    },
    dropped: () => faults.dropped,
    heal: () => {
      Object.assign(faults, { refuse: false, delayMs: 0, dropReplies: false, dropRequests: false });
      for (const pair of [...pairs]) if (pair.damaged) end(pairs, pair);
    },
    close: () => {
      for (const pair of [...pairs]) end(pairs, pair);
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

function accept(state: State, client: Socket): void {
  if (state.faults.refuse) {
    client.on('error', () => undefined);
    client.destroy();
    return;
  }
  const server = connect({ host: state.host, port: state.port, noDelay: true });
  client.setNoDelay(true);
  const pair: Pair = { client, server, damaged: false };
  state.pairs.add(pair);
  for (const socket of [client, server]) {
    socket.on('error', () => undefined);
    socket.on('close', () => end(state.pairs, pair));
  }
  forward(state.faults, pair, server, client, 'dropReplies');
  forward(state.faults, pair, client, server, 'dropRequests');
}

function forward(
  faults: Faults,
  pair: Pair,
  from: Socket,
  to: Socket,
  drop: 'dropReplies' | 'dropRequests',
): void {
  const send = inOrder(to);
  from.on('data', (chunk) => {
    if (faults[drop]) {
      pair.damaged = true;
      if (drop === 'dropReplies') faults.dropped += chunk.length;
    } else {
      send(chunk, faults.delayMs);
    }
  });
}

// A chunk never overtakes an earlier one that waits longer.
function inOrder(to: Socket): (chunk: Buffer, delayMs: number) => void {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  const write = (chunk: Buffer) => void (to.writable && to.write(chunk));
  return (chunk, delayMs) => {
    if (waiting === 0 && delayMs <= 0) return write(chunk);
    waiting += 1;
    const ripe = new Promise((resolve) => setTimeout(resolve, delayMs));
    last = Promise.all([last, ripe]).then(() => {
      waiting -= 1;
      write(chunk);
    });
  };
}

function end(pairs: Set<Pair>, pair: Pair): void {
  pairs.delete(pair);
  pair.client.destroy();
  pair.server.destroy();
}
