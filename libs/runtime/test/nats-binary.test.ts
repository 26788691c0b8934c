// Which nats-server is taken, and which is refused.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assertNatsVersion, findNatsServer, startNatsServer } from '../src/index.js';
import { tempDir } from './temp-dir.js';

function fakeServer(output: string): string {
  const path = join(tempDir(), 'nats-server');
  writeFileSync(path, `#!/bin/sh\necho '${output}'\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a server below 2.12 is refused by name and version, with how to get a newer one', async () => {
  const path = fakeServer('nats-server: v2.9.10');
  const attempt = startNatsServer({ storeDir: join(tempDir(), 's'), env: { WRIT_NATS_SERVER_BIN: path } });
  await expect(attempt).rejects.toMatchObject({ code: 'WRIT-NATS-002' });
  await expect(attempt).rejects.toThrow(/nats-server 2\.9\.10.*2\.12.*Install nats-server/s);
});

test.each(['2.12.0', '2.14.0', '2.100.1', '3.0.0', '2.12.0-RC.1'])('version %s is taken', (version) => {
  expect(() => assertNatsVersion(version, 'x')).not.toThrow();
});

test.each(['2.11.9', '1.99.0', '2.2', 'unknown', ''])('version %j is refused', (version) => {
  expect(() => assertNatsVersion(version, 'x')).toThrow(/WRIT-NATS-002/);
});

test('WRIT_NATS_SERVER_BIN goes before the package', async () => {
  const path = fakeServer('nats-server: v2.99.1');
  expect(await findNatsServer({ WRIT_NATS_SERVER_BIN: path })).toEqual({ path, version: '2.99.1' });
});

test('a named binary that is not there is a fault, not a silent fallback', async () => {
  await expect(findNatsServer({ WRIT_NATS_SERVER_BIN: '/nowhere/nats-server' })).rejects.toMatchObject({
    code: 'WRIT-NATS-001',
  });
});
