// The processes under the supervisor: what they inherit, that none hangs for ever, and that one supervisor has an installation.
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { becomesReady, inheritedEnv, whenOver } from '../src/plane/service-process.js';
import { claim } from '../src/plane/up.js';
import { useFolders } from './run-writ.js';

const folder = useFolders();

test('a service inherits what Node and Writ need, and nobody else’s secrets', () => {
  const env = {
    PATH: '/bin',
    HOME: '/h',
    NODE_OPTIONS: '-x',
    WRIT_LOG_LEVEL: 'info',
    AWS_SECRET: 's',
    PGPASSWORD: 'p',
  };
  expect(Object.keys(inheritedEnv(env))).toEqual(['PATH', 'HOME', 'NODE_OPTIONS', 'WRIT_LOG_LEVEL']);
});

test('one that is not ready in time is killed, so that it can be started anew', async () => {
  const file = folder('hangs.cjs');
  writeFileSync(file, "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);");
  const child = fork(file, { execArgv: [] });
  const over = new Promise<void>((resolve) => whenOver(child, resolve));
  await expect(becomesReady(child, 'registry', 'a.log', 300)).rejects.toMatchObject({ code: 'WRIT-RUN-004' });
  await over;
  expect(child.signalCode).toBe('SIGKILL');
});

test('one that cannot be started at all is over, and its fault is told', async () => {
  const child = fork('x', { execPath: folder('no-such-program'), execArgv: [] });
  const over = new Promise<void>((resolve) => whenOver(child, resolve));
  await expect(becomesReady(child, 'registry', 'a.log', 5_000)).rejects.toMatchObject({
    code: 'WRIT-RUN-004',
  });
  await over;
});

test('an installation is claimed once; the claim of a process that is gone, or one not readable, is taken over', () => {
  const file = folder('../claim.json').replace('/../', '-');
  claim(file);
  writeFileSync(file, JSON.stringify({ pid: process.ppid }));
  expect(() => claim(file)).toThrow('WRIT-CLI-006');
  for (const stale of ['{"pid":4194303}', '']) {
    writeFileSync(file, stale);
    claim(file);
  }
});
