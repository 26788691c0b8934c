// What `npm start` runs, to its end: every step comes out as it must, and nothing is left running.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const writ = join(import.meta.dirname, '../../libs/cli/bin/writ.js');
const folder = mkdtempSync(join(tmpdir(), 'writ-demo-'));
const home = join(folder, '.writ');

type Run = { readonly status: number; readonly output: string };

const demo = (): Promise<Run> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [writ, 'demo', '--exit', '--home', home],
      { timeout: 110_000 },
      (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? 70), output: `${stdout}${stderr}` }),
    );
  });

let first: Run;
beforeAll(async () => {
  first = await demo();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the main job comes out as it must, on real servers, and ends with status 0', () => {
  expect(first.output).toContain('Every step came out as it must.');
  expect(first.output).not.toContain('FAIL');
  expect(first.output).toContain('record: SEALED');
  expect(first.output).toContain('authority: WITHIN');
  expect(first.status).toBe(0);
});

it('a second run on the same installation comes out as it must too', { timeout: 120_000 }, async () => {
  const second = await demo();
  expect(second.output).toContain('found the installation');
  expect(second.output).toContain('Every step came out as it must.');
  expect(second.status).toBe(0);
});

it('no log of any service holds an argument, a reason or a key', () => {
  const logs = readdirSync(join(home, 'run')).filter((name) => name.endsWith('.log'));
  expect(logs.length).toBeGreaterThanOrEqual(7);
  const key = JSON.parse(readFileSync(join(home, 'keys/decision.jwk'), 'utf8')) as { d: string };
  for (const name of logs) {
    const text = readFileSync(join(home, 'run', name), 'utf8');
    for (const secret of [
      'drop table',
      'delete from carts',
      'runaway deletes',
      'most efficient fix',
      key.d,
    ]) {
      expect(text.includes(secret), `${name} holds "${secret.slice(0, 12)}"`).toBe(false);
    }
  }
});

it('the exported ledger holds no argument and no free text either', () => {
  const text = readFileSync(join(home, 'audit-bundle', 'messages.ndjson'), 'utf8');
  const frames = text
    .split('\n')
    .filter((line) => line.includes('"frame"'))
    .map((line) => Buffer.from((JSON.parse(line) as { frame: string }).frame, 'base64url').toString('utf8'));
  expect(frames.length).toBeGreaterThan(60);
  for (const secret of [
    'drop table',
    'delete from',
    'runaway deletes',
    'most efficient fix',
    'leave it as it is',
  ]) {
    expect(
      frames.some((frame) => frame.includes(secret)),
      secret,
    ).toBe(false);
  }
});
