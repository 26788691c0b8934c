// The harness gives real servers that behave alike on either backend and are gone afterwards.
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connectBus, withClient } from '@writ/runtime';
import { expect, test } from 'vitest';
import { chooseBackend, startTestNats, startTestPostgres, tempDir } from '../src/index.js';

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('writ-test-'));

function connected(url: string) {
  return connectBus({ url, name: 'test', inboxPrefix: '_INBOX.test' });
}

test('a test server takes connections, survives a crash in place, and its address is dead afterwards', async () => {
  const server = await startTestNats();
  const connection = await connected(server.url);
  await connection.flush();
  await server.kill();
  await server.restart();
  const again = await connected(server.url);
  expect(again.info?.jetstream).toBe(true);
  await Promise.all([connection.close(), again.close()]);
  await server.stop();
  await expect(
    connectBus({ url: server.url, name: 'x', inboxPrefix: '_INBOX.x', waitMs: 100 }),
  ).rejects.toThrow(/WRIT-NATS-005/);
});

test('a reload changes the configuration of a running test server without dropping a connection', async () => {
  const server = await startTestNats('max_payload: 5000');
  const connection = await connected(server.url);
  expect(connection.info?.max_payload).toBe(5000);
  await server.reload('max_payload: 6000');
  await connection.flush();
  const later = await connected(server.url);
  expect(later.info?.max_payload).toBe(6000);
  await Promise.all([connection.close(), later.close()]);
  await server.stop();
});

test('a paused test server answers only after it is resumed', async () => {
  const server = await startTestNats();
  const connection = await connected(server.url);
  await server.pause();
  let answered = false;
  const flushed = connection.flush().then(() => {
    answered = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(answered).toBe(false);
  await server.resume();
  await flushed;
  await connection.close();
  await server.stop();
});

test('each database of a test Postgres is its own, committed rows survive a crash of the server', async () => {
  const server = await startTestPostgres();
  const [one, two] = [await server.createDatabase('one'), await server.createDatabase('two')];
  await withClient(one, (client) => client.query('create table t as select 1 as x'));
  await expect(withClient(two, (client) => client.query('select * from t'))).rejects.toMatchObject({
    code: '42P01',
  });
  await server.kill();
  await server.restart();
  const { rows } = await withClient(one, (client) => client.query('select x from t'));
  expect(rows).toEqual([{ x: 1 }]);
  await server.stop();
  await expect(withClient(one, (client) => client.query('select 1'))).rejects.toThrow();
});

test('the folder of a stopped test server is gone', async () => {
  const before = new Set(folders());
  const server = await startTestNats();
  const mine = folders().filter((name) => !before.has(name));
  await server.stop();
  if (chooseBackend().name === 'embedded') expect(mine.length).toBeGreaterThan(0);
  expect(folders().filter((name) => mine.includes(name))).toEqual([]);
});

test('a backend that does not exist is refused, and none means the embedded one', () => {
  expect([chooseBackend('').name, chooseBackend('embedded').name]).toEqual(['embedded', 'embedded']);
  expect(chooseBackend('containers').name).toBe('containers');
  expect(() => chooseBackend('docker')).toThrow(/embedded or containers/);
});

test('a temporary folder is empty, and gone when removed, also twice', () => {
  const dir = tempDir();
  expect(readdirSync(dir.path)).toEqual([]);
  dir.remove();
  dir.remove();
  expect(existsSync(dir.path)).toBe(false);
});
