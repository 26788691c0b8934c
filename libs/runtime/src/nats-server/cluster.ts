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
        name: `n${index + 1}`,
        storeDir: join(dir, `n${index + 1}`, 'store'),
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

async function waitHealthy(nodes: readonly NatsServer[], timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const alive = nodes.filter((node) => node.alive());
    const healthy = await Promise.all(alive.map(healthyNode));
    if (healthy.every((ok) => ok)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new RuntimeFault('WRIT-NATS-003', `the cluster had no leader within ${timeoutMs} ms`);
}

async function healthyNode(node: NatsServer): Promise<boolean> {
  try {
    const answer = await fetch(`${node.monitorUrl}/healthz`, { signal: AbortSignal.timeout(2000) });
    const state = (await (await fetch(`${node.monitorUrl}/jsz`)).json()) as { meta_cluster?: { leader?: string } };
    return answer.ok && Boolean(state.meta_cluster?.leader);
  } catch {
    return false;
  }
}
