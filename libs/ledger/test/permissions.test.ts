// The rights that the ledger says it needs are enough, and no more than it says.
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJetStreamLedger, ensureStreams, verifyStreams } from '../src/index.js';
import { createWorld, draft, startProcess, write } from './fixtures.js';
import { type NatsProcess, startNats } from './nats-process.js';

const RIGHTS = [
  'gov.ledger.decision.>',
  '$JS.API.STREAM.MSG.GET.GOV_LEDGER',
  '$JS.API.STREAM.INFO.GOV_LEDGER',
  '$JS.API.CONSUMER.CREATE.GOV_LEDGER.>',
  '$JS.API.CONSUMER.INFO.GOV_LEDGER.*',
  '$JS.API.CONSUMER.DELETE.GOV_LEDGER.*',
  '$JS.API.CONSUMER.MSG.NEXT.GOV_LEDGER.*',
];

let server: NatsProcess;

beforeAll(async () => {
  const list = RIGHTS.map((right) => `"${right}"`).join(', ');
  server = await startNats({
    extra: `authorization { users = [
      { user: bootstrap, password: b }
      { user: decision, password: d, permissions: { publish: [${list}], subscribe: ["_INBOX.decision.>"] } }
    ] }`,
  });
  const bootstrap = await connect({ servers: server.url(), user: 'bootstrap', pass: 'b' });
  expect(await ensureStreams(bootstrap, { replicas: 1 })).toEqual({ kind: 'ready' });
  await bootstrap.close();
});

afterAll(async () => server?.stop());

test('a service with exactly these rights writes, follows, and resumes after kill -9 without a violation', async () => {
  const options = { servers: server.url(), user: 'decision', pass: 'd', inboxPrefix: '_INBOX.decision' };
  const connection = await connect({ ...options, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const violations: string[] = [];
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error') violations.push(String(status.error));
    }
  })();
  expect(await verifyStreams(connection, { streams: ['GOV_LEDGER'] })).toEqual({ kind: 'ready' });
  const ledger = createJetStreamLedger({ connection });
  const world = createWorld();
  const process = await startProcess(world, ledger);
  const writer = process.writer(world.subjects.decision, 'decision');
  const event = (id: string) => write(writer, draft(`${id}.decision.1`, 'writ.decision.permitted.v1'));
  const before = await Promise.all(['a', 'b', 'c'].map(event));
  await server.kill();
  await sleep(50);
  await server.restart();
  const after = await Promise.all(['d', 'e'].map(event));
  expect([...before, ...after].map(({ kind }) => kind)).toEqual(Array(5).fill('done'));
  await process.stop();
  expect(violations).toEqual([]);
  const foreign = createJetStreamLedger({ connection, ackTimeoutMs: 200 });
  const message = { id: 'x', bytes: new Uint8Array(1) };
  const outcome = await foreign.append({
    subject: world.subjects.authority,
    expected: 0,
    messages: [message],
  });
  expect(outcome.kind).toBe('ambiguous');
  expect(await ledger.lastOf(world.subjects.authority)).toBe(0);
  expect(violations.length).toBeGreaterThan(0);
  await connection.close();
});
