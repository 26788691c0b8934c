// Who has the folder of a witness: one, also of many at once, and nobody after an end however sudden.
import { fork } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@writ/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from '../src/lock.js';

let dir: ReturnType<typeof tempDir>;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

const claims = (): readonly string[] => readdirSync(dir.path).filter((name) => name.startsWith('lock.'));
const refused = { code: 'WRIT-WIT-002' };

/** A process that claimed the folder and was killed. */
const leaveDeadClaim = async (name: string): Promise<void> => {
  const script = join(dir.path, 'claim.cjs');
  const file = JSON.stringify(join(dir.path, name));
  writeFileSync(script, `require('net').createServer().listen(${file}, () => process.send('up'))`);
  const child = fork(script, { execArgv: [] });
  await new Promise((resolve) => child.once('message', resolve));
  await expect(lockFolder(dir.path)).rejects.toMatchObject(refused);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
};

it('is not given a second time, not to the same process either, until it is let go', async () => {
  const unlock = await lockFolder(dir.path);
  await expect(lockFolder(dir.path)).rejects.toMatchObject(refused);
  unlock();
  expect(claims()).toEqual([]);
  (await lockFolder(dir.path))();
});

it('is taken over from a process that was killed, and by one only of many who try at once', async () => {
  await leaveDeadClaim('lock.7');
  expect(claims()).toEqual(['lock.7']);
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(dir.path)));
  const won = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(won.length).toBeLessThanOrEqual(1);
  const unlock = won[0] ?? (await lockFolder(dir.path));
  expect(claims()).toEqual(['lock.8']);
  await expect(lockFolder(dir.path)).rejects.toMatchObject(refused);
  unlock();
});

it('is no matter of how long the name of the folder is', async () => {
  const deep = join(dir.path, 'a'.repeat(120));
  mkdirSync(deep);
  const unlock = await lockFolder(deep);
  await expect(lockFolder(deep)).rejects.toMatchObject(refused);
  unlock();
  (await lockFolder(deep))();
});
