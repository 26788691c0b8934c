// Servers never outlive the process that started them.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually, lives, runScript } from './spawn-node.js';
import { tempDir } from './temp-dir.js';

type Started = { nats: { pid: number }; postgres: { pid: number } };

test('when the process that started the servers is killed by SIGKILL they are gone within 3 seconds', async () => {
  const script = runScript('start-servers.mjs', [tempDir(), 'nats', 'postgres']);
  const { nats, postgres } = await eventually(
    () => script.out().endsWith('\n') && (JSON.parse(script.out()) as Started),
  );
  await sleep(300);
  expect(await Promise.all([lives(nats.pid), lives(postgres.pid)])).toEqual([true, true]);

  script.child.kill('SIGKILL');
  await script.exit;
  await eventually(async () => !(await lives(nats.pid)) && !(await lives(postgres.pid)), 3000);
});

test('a server that hangs is ended too when its starter is killed', async () => {
  const script = runScript('start-servers.mjs', [tempDir(), 'nats']);
  const { nats } = await eventually(
    () => script.out().endsWith('\n') && (JSON.parse(script.out()) as Started),
  );
  process.kill(nats.pid, 'SIGSTOP');
  script.child.kill('SIGKILL');
  await script.exit;
  await eventually(async () => !(await lives(nats.pid)), 4000);
});

test('a starter that ends in the ordinary way takes its servers with it', async () => {
  const script = runScript('start-servers.mjs', [tempDir(), 'nats']);
  const { nats } = await eventually(
    () => script.out().endsWith('\n') && (JSON.parse(script.out()) as Started),
  );
  script.child.kill('SIGTERM');
  await script.exit;
  await eventually(async () => !(await lives(nats.pid)), 3000);
});
