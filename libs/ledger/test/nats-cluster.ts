// A real three-node cluster of one test: loopback, temporary folders, gone afterwards.
import { createServer } from 'node:net';
import { connect } from '@nats-io/transport-node';
import { type NatsProcess, startNats } from './nats-process.js';

export type NatsCluster = {
  readonly nodes: readonly NatsProcess[];
  readonly urls: () => string[];
  readonly stop: () => Promise<void>;
};

const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { readonly port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};

/** Starts three nodes and waits until they have a JetStream leader. */
export const startCluster = async (): Promise<NatsCluster> => {
  const routePorts = await freePorts(3);
  const routes = routePorts.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  const nodes = await Promise.all(
    routePorts.map((port, index) =>
      startNats({
        extra: `server_name: n${index}
cluster { name: c, listen: "127.0.0.1:${port}", routes: [${routes}], no_advertise: true }`,
      }),
    ),
  );
  await waitForLeader(nodes[0]?.url() ?? '');
  return {
    nodes,
    urls: () => nodes.map((node) => node.url()),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
};

const waitForLeader = async (url: string): Promise<void> => {
  const connection = await connect({ servers: url });
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await connection
      .request('$JS.API.STREAM.NAMES', '{}', { timeout: 500 })
      .then((message) => message.json<{ readonly error?: unknown }>())
      .catch(() => ({ error: true }));
    if (answer.error === undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await connection.close();
};
