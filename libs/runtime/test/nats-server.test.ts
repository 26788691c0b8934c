// The embedded nats-server: a real one, durable, restarted in place.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { connectBus, type NatsServer, type NatsServerOptions, startNatsServer } from '../src/index.js';
import { lives } from './spawn-node.js';
import { afterwards, tempDir } from './temp-dir.js';

async function started(options: Partial<NatsServerOptions> = {}): Promise<NatsServer> {
  const server = await startNatsServer({ storeDir: join(tempDir(), 'store'), ...options });
  afterwards(() => server.stop());
  return server;
}

function connected(url: string, seed?: string) {
  return connectBus({
    url,
    name: 'test',
    inboxPrefix: '_INBOX.test',
    waitMs: 2000,
    ...(seed ? { seed } : {}),
  });
}

test('what was acknowledged survives SIGKILL and a restart on the same address', async () => {
  const server = await started();
  const { url, pid } = server;
  const before = await connected(url);
  await (await jetstreamManager(before)).streams.add({ name: 'S', subjects: ['s.>'] });
  const ack = await jetstream(before).publish('s.a', 'kept');
  expect(ack.seq).toBe(1);
  await before.close();

  await server.kill();
  expect(await lives(pid)).toBe(false);
  await server.restart();
  expect([server.url, server.pid === pid]).toEqual([url, false]);

  const after = await connected(url);
  const info = await (await jetstreamManager(after)).streams.info('S');
  expect(info.state.messages).toBe(1);
  await after.close();
});

test('every append is synced: the server says sync_interval always', async () => {
  const server = await started({ monitor: true, config: 'max_payload: 70000' });
  const state = (await (await fetch(`${server.monitorUrl}/varz`)).json()) as {
    jetstream: { config: { sync_always?: boolean } };
    max_payload: number;
    host: string;
  };
  expect(state.jetstream.config.sync_always).toBe(true);
  expect(state.max_payload).toBe(70_000);
  expect(state.host).toBe('127.0.0.1');
});

test('a reload lets a new user in, keeps the connections of others and drops a removed user', async () => {
  const [first, second] = [createUser(), createUser()];
  const users = (...keys: (typeof first)[]) =>
    `authorization: { users: [ ${keys.map((key) => `{ nkey: ${key.getPublicKey()} }`).join(', ')} ] }\n`;
  const seedOf = (key: typeof first) => new TextDecoder().decode(key.getSeed());
  const configFile = join(tempDir(), 'users.conf');
  writeFileSync(configFile, users(first));
  const server = await started({ configFile });
  const connection = await connected(server.url, seedOf(first));
  await expect(connected(server.url, seedOf(second))).rejects.toMatchObject({ code: 'WRIT-NATS-005' });

  writeFileSync(configFile, users(first, second));
  await server.reload();
  const other = await connected(server.url, seedOf(second));
  expect(connection.stats().inMsgs).toBe(0);
  await connection.flush();

  writeFileSync(configFile, users(second));
  await server.reload();
  await expect(connection.flush()).rejects.toThrow();
  await Promise.all([connection.close(), other.close()]);
});

test('address, log, pid file, store and durability are those of the embedded server, whatever the configuration says', async () => {
  const dir = tempDir();
  const elsewhere = (name: string) => JSON.stringify(join(dir, 'elsewhere', name));
  const config = `host: "0.0.0.0"\nport: 4222\nlog_file: ${elsewhere('log')}\npid_file: ${elsewhere('pid')}
    jetstream: { store_dir: ${elsewhere('store')}, sync_interval: "2m" }\nsystem_account: SYS
    accounts: { SYS: {}, A: { jetstream: enabled, users: [ { user: a, password: a } ] } }`;
  const configFile = join(dir, 'server.conf');
  writeFileSync(configFile, config);
  const server = await started({ storeDir: join(dir, 'own', 'store'), configFile, monitor: true });
  const { host, port, jetstream } = (await (await fetch(`${server.monitorUrl}/varz`)).json()) as {
    host: string;
    port: number;
    jetstream: { config: { store_dir: string; sync_always?: boolean } };
  };
  expect([host, port, jetstream.config.sync_always]).toEqual(['127.0.0.1', server.port, true]);
  expect(jetstream.config.store_dir.startsWith(join(dir, 'own'))).toBe(true);
  await server.reload();
  expect(existsSync(join(dir, 'elsewhere'))).toBe(false);
});

test('a configuration that the server refuses at reload is told in its own words and leaves it running', async () => {
  const configFile = join(tempDir(), 'server.conf');
  writeFileSync(configFile, 'max_payload: 1000');
  const server = await started({ configFile });
  writeFileSync(configFile, 'max_payload: {');
  await expect(server.reload()).rejects.toMatchObject({ code: 'WRIT-NATS-003' });
  expect(server.alive()).toBe(true);
});

test('a configuration that the server refuses at start is a fault with the end of its log', async () => {
  const storeDir = join(tempDir(), 'store');
  const attempt = startNatsServer({ storeDir, config: 'no_such_setting: 1' });
  await expect(attempt).rejects.toThrow(/WRIT-NATS-003.*no_such_setting/s);
});

test('a second server on one store is refused, since two on one store destroy it', async () => {
  const storeDir = join(tempDir(), 'store');
  const server = await started({ storeDir });
  await expect(startNatsServer({ storeDir })).rejects.toMatchObject({ code: 'WRIT-NATS-004' });
  expect(server.alive()).toBe(true);
}, 20_000);

test('a paused server keeps its connections and answers nothing until it is resumed', async () => {
  const server = await started();
  const connection = await connected(server.url);
  await server.pause();
  const answer = connection.flush().then(() => 'answered');
  const silence = new Promise((resolve) => setTimeout(() => resolve('silent'), 300));
  expect(await Promise.race([answer, silence])).toBe('silent');
  server.resume();
  expect(await answer).toBe('answered');
  await connection.close();
});

test('six servers started at once each get a port of their own', async () => {
  const servers = await Promise.all(Array.from({ length: 6 }, () => started()));
  expect(new Set(servers.map((server) => server.port)).size).toBe(6);
});
