// A projector process that is killed again and again, beside one that is not: the effect is exactly once.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startProjector } from '../src/index.js';
import { createChain } from './chain.js';
import { dump, freshDatabase } from './database.js';
import { arraySource } from './source.js';
import { act, day } from './story.js';

const dir = mkdtempSync(join(tmpdir(), 'writ-kill-'));
let server: TestPostgres;

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const spawnProjector = (file: string, url: string): ChildProcess =>
  spawn(
    process.execPath,
    [
      '--conditions=writ-src',
      '--import',
      here('./typescript-loader.mjs'),
      here('./killed-child.ts'),
      file,
      url,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});

/** Kills the child as soon as it has committed once, or at a random moment thereafter. */
const killAfterCommit = (child: ChildProcess, extraMs: number): Promise<number> =>
  new Promise((resolve, reject) => {
    let commits = 0;
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += String(chunk);
    });
    child.stdout?.on('data', (chunk) => {
      if (!String(chunk).includes('projector.committed')) return;
      if (commits === 0) setTimeout(() => child.kill('SIGKILL'), extraMs);
      commits += 1;
    });
    child.once('exit', (_, signal) => (signal === 'SIGKILL' ? resolve(commits) : reject(new Error(errors))));
  });

it('has its effect exactly once under repeated SIGKILLs in the middle of its work', async () => {
  const chain = createChain();
  day(chain);
  for (let n = 0; n < 250; n += 1) act(chain, { resource: `db:orders/${n}` });
  const db = await freshDatabase(server);
  const clean = await freshDatabase(server);
  const file = join(dir, 'ledger.json');
  const messages = chain.messages.map((m) => ({ ...m, bytes: Buffer.from(m.bytes).toString('base64') }));
  writeFileSync(file, JSON.stringify({ messages, roots: chain.roots }));
  const positions: number[] = [];
  for (const extraMs of [0, 7, 19, 3, 11]) {
    const child = spawnProjector(file, db.urls.projector);
    expect(await killAfterCommit(child, extraMs)).toBeGreaterThan(0);
    const { rows } = await db.admin.query('select seq from rm.checkpoint');
    positions.push(rows[0].seq);
  }
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions[0]).toBeLessThan(chain.messages.length);
  for (const { projector: pool } of [db, clean]) {
    const p = startProjector({ pool, source: arraySource(chain.messages), roots: chain.roots });
    expect(await p.reached(chain.messages.length, 20_000), String(p.fault())).toBe(true);
    await p.stop();
  }
  expect(await dump(db.admin, 'rm_v1_b1')).toEqual(await dump(clean.admin, 'rm_v1_b1'));
  await db.close();
  await clean.close();
}, 60_000);
