// A service's connection: its own identity and inbox, back again after every crash.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  connectBus,
  createLogger,
  type NatsServer,
  startNatsServer,
  writePrivateFile,
} from '../src/index.js';
import { eventually } from './spawn-node.js';
import { tempDir } from './temp-dir.js';

const dir = tempDir();
const user = createUser();
const seedFile = join(dir, 'decision.nk');
let server: NatsServer;

beforeAll(async () => {
  writePrivateFile(seedFile, new TextDecoder().decode(user.getSeed()));
  server = await startNatsServer({
    storeDir: join(dir, 'store'),
    config: `authorization: { users: [ { nkey: ${user.getPublicKey()}, permissions: {
      publish: { allow: ["echo"] }, subscribe: { allow: ["_INBOX.decision.>", "echo"] } } } ] }`,
  });
});
afterAll(() => server?.stop());

const identity = { seedFile, inboxPrefix: '_INBOX.decision', name: 'decision' };

test('a request is answered under its own inbox, which is all it may listen to', async () => {
  const connection = await connectBus({ url: server.url, ...identity });
  const replies: string[] = [];
  connection.subscribe('echo', { callback: (_error, message) => void replies.push(message.reply ?? '') });
  await connection.request('echo', 'x', { timeout: 200 }).catch(() => undefined);
  expect(replies).toEqual([expect.stringMatching(/^_INBOX\.decision\./)]);
  await connection.close();
});

test('after a crash of the server it is connected again by itself, and the log tells it without any value', async () => {
  const lines: string[] = [];
  const log = createLogger({ service: 'decision', stream: { write: (line) => void lines.push(line) } });
  const connection = await connectBus({ url: server.url, ...identity, log });
  await server.kill();
  await server.restart();
  await eventually(() => lines.some((line) => line.includes('"bus.reconnect"')));
  await connection.flush();
  const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events[0]).toBe('bus.connected');
  expect(events).toContain('bus.disconnect');
  await connection.close();
});

test('a server that is only just starting is waited for', async () => {
  await server.stop();
  const connecting = connectBus({ url: server.url, ...identity });
  setTimeout(() => void server.restart(), 500);
  const connection = await connecting;
  await connection.flush();
  await connection.close();
});

test('an identity that the server does not know is refused at once and by code', async () => {
  const stranger = new TextDecoder().decode(createUser().getSeed());
  const before = performance.now();
  const attempt = connectBus({ url: server.url, seed: stranger, inboxPrefix: '_INBOX.x', name: 'x' });
  await expect(attempt).rejects.toMatchObject({ code: 'WRIT-NATS-005' });
  expect(performance.now() - before).toBeLessThan(2000);
});

test('nobody there is a fault with its code after the time given', async () => {
  const attempt = connectBus({ url: 'nats://127.0.0.1:1', ...identity, waitMs: 300 });
  await expect(attempt).rejects.toMatchObject({ code: 'WRIT-NATS-005' });
});

test('a seed file that others may read is refused', async () => {
  const open = join(dir, 'open.nk');
  writePrivateFile(open, 'SU');
  chmodSync(open, 0o644);
  await expect(connectBus({ url: server.url, ...identity, seedFile: open })).rejects.toMatchObject({
    code: 'WRIT-KEY-102',
  });
});
