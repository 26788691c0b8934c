// The contract suite on a cluster of three nodes that sync always, and a leader that is killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJetStreamLedger, ensureStreams, type Ledger, type StreamsReady } from '../src/index.js';
import { type AckProxy, startAckProxy } from './ack-proxy.js';
import { ledgerContract } from './contract/suite.js';
import { audit, createWorld, draft, readAll, startProcess, write } from './fixtures.js';
import { type NatsCluster, startCluster } from './nats-cluster.js';

let cluster: NatsCluster;
let proxy: AckProxy;
const connections: NatsConnection[] = [];

const openOn = async (servers: string[], lossyInbox?: string): Promise<Ledger> => {
  const connection = await connect({
    servers,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    noRandomize: true,
  });
  connections.push(connection);
  return lossyInbox === undefined
    ? createJetStreamLedger({ connection, ackTimeoutMs: 3_000 })
    : createJetStreamLedger({ connection, ackInbox: lossyInbox });
};

const setUp = async (): Promise<StreamsReady> => {
  const connection = await connect({ servers: cluster.urls() });
  connections.push(connection);
  for (;;) {
    const ready = await ensureStreams(connection, { replicas: 3 }).catch(() => undefined);
    if (ready?.kind === 'ready') return ready;
    if (ready?.kind === 'refused') throw new Error(ready.reason);
    await sleep(200);
  }
};

let turn = 0;
const nextUrl = (): string => {
  turn += 1;
  return cluster.urls()[turn % 3] ?? '';
};

beforeAll(async () => {
  cluster = await startCluster();
  proxy = await startAckProxy(cluster.urls()[1] ?? '');
  await setUp();
}, 60_000);

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await proxy?.close();
  await cluster?.stop();
});

let inboxes = 0;

ledgerContract('three nodes', () => ({
  open: () => openOn([nextUrl()]),
  openLossy: async () => {
    inboxes += 1;
    const inbox = `_INBOX.lossy${inboxes}`;
    const ledger = await openOn([proxy.url], inbox);
    return { ledger, loseNextAck: () => proxy.dropNext(inbox), lost: proxy.dropped };
  },
}));

const leaderOf = async (): Promise<number> => {
  const connection = connections[0] as NatsConnection;
  const info = await connection.request('$JS.API.STREAM.INFO.GOV_LEDGER', '{}', { timeout: 5_000 });
  const { cluster: placed } = info.json<{ readonly cluster?: { readonly leader?: string } }>();
  return Number(placed?.leader?.slice(1));
};

describe('a cluster', () => {
  test('killing the leader loses no acknowledged event, and writer and follower go on without gap or repeat', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const leader = await leaderOf();
    const others = cluster.urls().filter((_, index) => index !== leader);
    const ledger = await openOn([...others, cluster.urls()[leader] ?? '']);
    const process = await startProcess(world, ledger);
    const writer = process.writer(decision, 'decision');
    const pending: Promise<{ id: string; kind: string }>[] = [];
    const submit = (id: string): void => {
      const answer = write(writer, draft(id, 'writ.decision.permitted.v1'), 60_000);
      pending.push(answer.then(({ kind }) => ({ id, kind })));
    };
    for (let index = 0; index < 200; index += 1) {
      submit(`led-${index}.decision.1`);
      if (index === 60) await cluster.nodes[leader]?.kill();
      await sleep(10);
    }
    const answers = await Promise.all(pending);
    expect(answers.every(({ kind }) => kind === 'done')).toBe(true);
    await cluster.nodes[leader]?.restart();
    const audited = audit(world, await readAll(ledger), decision);
    expect(audited.map(({ kind }) => kind)).toEqual(Array(200).fill('event'));
    expect(new Set(audited.map(({ id }) => id)).size).toBe(200);
    expect(await process.follower.reached(await ledger.end(), 20_000)).toBe(true);
    expect(process.events.map(({ seq }) => seq)).toEqual(audited.map(({ seq }) => seq));
    expect(process.failures).toEqual([]);
    await process.stop();
  }, 120_000);
});
