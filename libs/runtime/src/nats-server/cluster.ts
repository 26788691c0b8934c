// Owns a cluster of real nats-servers on loopback. It is for tests and trials on one machine, never for production.
import { join } from 'node:path';
import { RuntimeFault } from '../faults.js';
import { freePorts } from './ports.js';
import { type NatsServer, startNatsServer } from './server.js';

/** `nodes[i]` can be killed, paused and restarted on its own. */
export interface NatsCluster {
  readonly nodes: readonly NatsServer[];
  /** Client addresses, one a node. */
  readonly urls: readonly string[];
  /** Resolves when JetStream has a meta leader and every living node follows it. */
  ready(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts `size` nodes (default 3) beneath `dir` with full routes, JetStream, sync always and the same `config` text (accounts,
 * users), and waits until they have a leader. Without `config` there is one account open to loopback.
 */
export async function startNatsCluster(
  size: number,
  { dir, config }: { readonly dir: string; readonly config?: string },
): Promise<NatsCluster> {
  const routes = await freePorts(size);
  const nodes = await Promise.all(
    routes.map((port, index) =>
      startNatsServer({
        name: nameOf(index),
        storeDir: join(dir, nameOf(index), 'store'),
        monitor: true,
        cluster: { name: 'writ', port, routes },
        ...(config === undefined ? {} : { config }),
      }),
    ),
  );
  const cluster: NatsCluster = {
    nodes,
    urls: nodes.map((node) => node.url),
    ready: (timeoutMs = 30_000) => waitHealthy(nodes, timeoutMs),
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
  return withLeader(cluster);
}

async function withLeader(cluster: NatsCluster): Promise<NatsCluster> {
  try {
    await cluster.ready();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

// A node that hangs (paused) is left out; one that refuses or lags is waited for.
async function waitHealthy(nodes: readonly NatsServer[], timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const alive = nodes
      .map((node, index) => ({ node, name: nameOf(index) }))
      .filter(({ node }) => node.alive());
    const living = alive.map(({ name }) => name);
    const states = (await Promise.all(alive.map(({ node }) => stateOf(node, living)))).filter(
      (s) => s !== 'silent',
    );
    if (states.length > nodes.length / 2 && states.every((state) => state === 'following')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new RuntimeFault('WRIT-NATS-003', `the cluster had no leader within ${timeoutMs} ms`);
}

async function stateOf(
  node: NatsServer,
  living: readonly string[],
): Promise<'following' | 'waiting' | 'silent'> {
  const signal = AbortSignal.timeout(2000);
  try {
    const health = await fetch(`${node.monitorUrl}/healthz`, { signal });
    const state = (await (await fetch(`${node.monitorUrl}/jsz`, { signal })).json()) as JetStreamState;
    return health.ok && living.includes(state.meta_cluster?.leader ?? '') ? 'following' : 'waiting';
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'silent' : 'waiting';
  }
}

type JetStreamState = { readonly meta_cluster?: { readonly leader?: string } };

function nameOf(index: number): string {
  return `n${index + 1}`;
}
