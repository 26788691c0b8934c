// Three real nodes: a leader is there, its loss is survived, a killed node comes back.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { connectBus, startNatsCluster } from '../src/index.js';
import { afterwards, tempDir } from './temp-dir.js';

test('a three-node cluster keeps what it acknowledged when a node is killed, and takes the node back', async () => {
  const cluster = await startNatsCluster(3, { dir: tempDir() });
  afterwards(() => cluster.stop());
  const connection = await connectBus({ url: cluster.urls, name: 'test', inboxPrefix: '_INBOX.test' });
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  await manager.streams.add({ name: 'S', subjects: ['s'], num_replicas: 3 });
  expect((await jetstream(connection, { timeout: 10_000 }).publish('s', 'one')).seq).toBe(1);

  const leader = (await manager.streams.info('S')).cluster?.leader;
  const index = Number(leader?.slice(1)) - 1;
  await cluster.nodes[index]!.kill();
  await cluster.ready();
  await cluster.nodes[index]!.restart();
  await cluster.ready();

  const again = await connectBus({
    url: cluster.nodes[index]!.url,
    name: 'again',
    inboxPrefix: '_INBOX.again',
  });
  const info = await (await jetstreamManager(again, { timeout: 10_000 })).streams.info('S');
  expect(info.state.messages).toBe(1);
  await Promise.all([connection.close(), again.close()]);
});
