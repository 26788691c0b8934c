// The embedded Postgres: as root and not, kept data, crashes, leftovers.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectPostgres, type Postgres, startPostgres, withClient } from '../src/index.js';
import { eventually, runScript } from './spawn-node.js';
import { afterwards, tempDir } from './temp-dir.js';

const asRoot = process.getuid?.() === 0;

async function started(dir = join(tempDir(), 'postgres')): Promise<Postgres> {
  const server = await startPostgres({ dir, fast: true });
  afterwards(() => server.stop());
  return server;
}

function one<T>(url: string, sql: string): Promise<T> {
  return withClient(url, async (client) => (await client.query(sql)).rows[0] as T);
}

test('it starts beneath a folder that only this account may enter, root included', async () => {
  const dir = tempDir();
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  const server = await started(join(dir, 'postgres'));
  const { version } = await one<{ version: string }>(server.url, 'select version()');
  expect(version).toMatch(/^PostgreSQL 18/);
});

test.runIf(asRoot)(
  'as root it runs under an ordinary account, and without a lent right where folders are open',
  async () => {
    const dir = tempDir();
    chmodSync(dir, 0o755);
    const server = await started(join(dir, 'postgres'));
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0');
    expect(/^CapEff:\s+(\w+)/m.exec(status)?.[1]).toBe('0000000000000000');
  },
);

test.runIf(asRoot)(
  'as root beneath a closed folder it is lent no more than the right to pass through folders',
  async () => {
    const server = await started();
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0');
    expect(['0000000000000004', '0000000000000002']).toContain(/^CapEff:\s+(\w+)/m.exec(status)?.[1]);
  },
);

test('an ordinary account without a HOME can start it', async ({ skip }) => {
  const dir = tempDir();
  chmodSync(dir, 0o777);
  const account = asRoot ? { uid: 65_534, gid: 65_534 } : {};
  const script = runScript('start-servers.mjs', [join(dir, 'x'), 'postgres'], {
    env: { PATH: process.env['PATH'] },
    cwd: '/',
    ...account,
  });
  const out = await eventually(() => (script.out().endsWith('\n') ? script.out() : script.err() || false));
  if (/EACCES|Cannot find module/.test(out)) skip('another account cannot read this checkout');
  const { postgres, home } = JSON.parse(out) as { postgres: { url: string }; home: string | null };
  expect(home).toBeNull();
  expect(await one(postgres.url, 'select 1 as x')).toEqual({ x: 1 });
  script.child.kill('SIGTERM');
  await script.exit;
});

test('what was committed is there after a stop, after SIGKILL, and for a second start on the same folder', async () => {
  const dir = join(tempDir(), 'postgres');
  const server = await startPostgres({ dir });
  const url = await server.createDatabase('sample');
  expect(await server.createDatabase('sample')).toBe(url);
  await withClient(url, (client) => client.query('create table t as select 1 as x'));
  await server.kill();
  await server.restart();
  expect(await one(url, 'select x from t')).toEqual({ x: 1 });
  await server.stop();

  const before = performance.now();
  const second = await started(dir);
  expect(performance.now() - before).toBeLessThan(3000);
  const { pathname } = new URL(url);
  const moved = new URL(second.url);
  moved.pathname = pathname;
  expect(await one(moved.toString(), 'select x from t')).toEqual({ x: 1 });
});

test('a lock file whose pid is another program by now does not keep it from starting', async () => {
  const dir = join(tempDir(), 'postgres');
  const server = await startPostgres({ dir, fast: true });
  const other = spawnAs(statSync(join(dir, 'data')));
  await server.kill();
  const lock = join(dir, 'data', 'postmaster.pid');
  const lines = readFileSync(lock, 'utf8').split('\n');
  writeFileSync(lock, [String(other.pid), ...lines.slice(1)].join('\n'));
  const again = await started(dir);
  expect(await one(again.url, 'select 1 as x')).toEqual({ x: 1 });
  expect(other.exitCode).toBeNull();
});

// Another program of the account that Postgres runs under: to Postgres its pid looks like a living postmaster.
function spawnAs({ uid, gid }: { uid: number; gid: number }) {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', cwd: '/', ...(asRoot ? { uid, gid } : {}) });
  afterwards(() => void child.kill('SIGKILL'));
  return child;
}

test('killed and restarted again and again it never loses a commit, though its old backends may still be ending', async () => {
  const server = await started();
  await withClient(server.url, (client) => client.query('create table n (x int)'));
  for (let round = 1; round <= 8; round += 1) {
    const busy = withClient(server.url, (client) => client.query('select pg_sleep(60)')).catch(
      () => undefined,
    );
    await withClient(server.url, (client) => client.query('insert into n values ($1)', [round]));
    await server.kill();
    await server.restart();
    await busy;
    expect(await one(server.url, 'select count(*)::int as c from n')).toEqual({ c: round });
  }
});

test('a second server on one data directory is refused', async () => {
  const dir = join(tempDir(), 'postgres');
  await started(dir);
  await expect(startPostgres({ dir, fast: true })).rejects.toMatchObject({ code: 'WRIT-PG-003' });
}, 20_000);

test('an initialisation that was cut short is done again from the beginning', async () => {
  const dir = join(tempDir(), 'postgres');
  mkdirSync(join(dir, 'data.new'), { recursive: true });
  writeFileSync(join(dir, 'data.new', 'PG_VERSION'), '18\n');
  const server = await started(dir);
  expect(server.alive()).toBe(true);
});

test('the superuser needs the password, which stands in a file of mode 0600', async () => {
  const dir = join(tempDir(), 'postgres');
  const server = await started(dir);
  expect(statSync(join(dir, 'superuser.password')).mode & 0o777).toBe(0o600);
  const wrong = new URL(server.url);
  wrong.password = 'wrong';
  await expect(one(wrong.toString(), 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('values of a failing statement do not reach the log of the server', async () => {
  const dir = join(tempDir(), 'postgres');
  const server = await started(dir);
  const attempt = withClient(server.url, (client) => client.query('select $1::text::int', ['very-private']));
  await expect(attempt).rejects.toThrow();
  await expect(one(server.url, "select 'more-private' from missing_table")).rejects.toThrow();
  const log = readFileSync(join(dir, 'postgres.log'), 'utf8');
  expect(log).toContain('missing_table');
  expect(log).not.toContain('more-private');
});

test('a pool whose server dies under it does not end the process and works again after the restart', async () => {
  const server = await started();
  const pool = connectPostgres(server.url);
  expect((await pool.query('select 1 as x')).rows).toEqual([{ x: 1 }]);
  await server.kill();
  await expect(pool.query('select 1')).rejects.toThrow();
  await server.restart();
  expect((await pool.query('select 2 as x')).rows).toEqual([{ x: 2 }]);
  await pool.end();
});
