// The contract suite on one real server that syncs always, and what only a real server shows: kill -9, set-up, proxies.
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJetStreamLedger, ensureStreams, type Ledger } from '../src/index.js';
import { type AckProxy, startAckProxy } from './ack-proxy.js';
import { ledgerContract } from './contract/suite.js';
import { audit, createWorld, draft, readAll, startProcess, write } from './fixtures.js';
import { type NatsProcess, startNats } from './nats-process.js';

let server: NatsProcess;
let proxy: AckProxy;
const connections: NatsConnection[] = [];

/** Acknowledgements are waited for long, so that a slow disk is not taken for a lost answer; those that get lost, briefly. */
const openOn = async (url: string, lossyInbox?: string): Promise<Ledger> => {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  connections.push(connection);
  return lossyInbox === undefined
    ? createJetStreamLedger({ connection, ackTimeoutMs: 8_000 })
    : createJetStreamLedger({ connection, ackInbox: lossyInbox, ackTimeoutMs: 800 });
};

beforeAll(async () => {
  server = await startNats();
  proxy = await startAckProxy(server.url());
  const connection = await connect({ servers: server.url() });
  connections.push(connection);
  expect(await ensureStreams(connection, { replicas: 1 })).toEqual({ kind: 'ready' });
});

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await proxy?.close();
  await server?.stop();
});

let inboxes = 0;

ledgerContract('one server', () => ({
  open: () => openOn(server.url()),
  openLossy: async () => {
    inboxes += 1;
    const inbox = `_INBOX.lossy${inboxes}`;
    const ledger = await openOn(proxy.url, inbox);
    return { ledger, loseNextAck: () => proxy.dropNext(inbox), lost: proxy.dropped };
  },
}));

describe('a real server', () => {
  test('a connection that is cut right after the publish loses no event and repeats none', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const ledger = await openOn(proxy.url);
    const process = await startProcess(world, ledger);
    const writer = process.writer(decision, 'decision');
    const before = proxy.dropped();
    for (const round of [1, 2, 3]) {
      proxy.cutAfterPublish(decision);
      const ids = Array.from({ length: round }, (_, index) => `cut${round}-${index}.decision.1`);
      const answers = await Promise.all(
        ids.map((id) => write(writer, draft(id, 'writ.decision.permitted.v1'))),
      );
      expect(answers.map(({ kind }) => kind)).toEqual(ids.map(() => 'done'));
    }
    expect(proxy.dropped()).toBe(before + 3);
    expect(audit(world, await readAll(ledger), decision).map(({ ver }) => ver)).toEqual([1, 2, 3, 4, 5, 6]);
    await process.stop();
  });

  test('kill -9 of the server loses no acknowledged event, and the follower goes on without gap or repeat', async () => {
    const world = createWorld();
    const { decision } = world.subjects;
    const ledger = await openOn(server.url());
    const process = await startProcess(world, ledger);
    const writer = process.writer(decision, 'decision');
    const pending: Promise<{ id: string; kind: string }>[] = [];
    let writing = true;
    const load = (async () => {
      for (let index = 0; writing; index += 1) {
        const id = `killed-${index}.decision.1`;
        pending.push(
          write(writer, draft(id, 'writ.decision.permitted.v1'), 20_000).then(({ kind }) => ({ id, kind })),
        );
        await sleep(2);
      }
    })();
    for (const round of [1, 2, 3]) {
      await sleep(150 * round);
      await server.kill();
      await sleep(60);
      await server.restart();
    }
    await sleep(300);
    writing = false;
    await load;
    const answers = await Promise.all(pending);
    const done = answers.filter(({ kind }) => kind === 'done').map(({ id }) => id);
    expect(done).toHaveLength(answers.length);
    const audited = audit(world, await readAll(ledger), decision);
    expect(audited.map(({ id }) => id).sort()).toEqual([...done].sort());
    expect(audited.every(({ kind }) => kind === 'event')).toBe(true);
    expect(await process.follower.reached(await ledger.end(), 10_000)).toBe(true);
    expect(process.events.map(({ seq }) => seq)).toEqual(audited.map(({ seq }) => seq));
    expect(process.failures).toEqual([]);
    await process.stop();
  }, 60_000);

  test('the folded view says how fresh it is, and grows stale while the server is away', async () => {
    const world = createWorld();
    const ledger = await openOn(server.url());
    const process = await startProcess(world, ledger);
    while (process.follower.freshAsOf() === Number.NEGATIVE_INFINITY) await sleep(20);
    await server.kill();
    await sleep(100);
    const stale = process.follower.freshAsOf();
    await sleep(700);
    expect(process.follower.freshAsOf()).toBe(stale);
    await server.restart();
    const deadline = performance.now() + 10_000;
    while (process.follower.freshAsOf() === stale && performance.now() < deadline) await sleep(50);
    expect(process.follower.freshAsOf()).toBeGreaterThan(stale);
    await process.stop();
  }, 30_000);
});
