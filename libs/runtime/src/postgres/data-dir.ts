// Owns the data directory of an embedded Postgres: made whole or not at all, its password in a file of its own.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { RuntimeFault } from '../faults.js';
import { readPrivateFile, writePrivateFile } from '../private-file.js';
import { type Account, chooseAccount, runAs } from './account.js';
import type { PostgresBinaries } from './binaries.js';

const run = promisify(execFile);

/** One cluster on disk. */
export type DataDir = {
  readonly dir: string;
  readonly data: string;
  readonly logFile: string;
  readonly password: string;
  readonly account: Account | undefined;
};

/** The environment Postgres programs get: nothing of ours. */
export const POSTGRES_ENV = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Opens the cluster beneath `dir`, making it first where there is none. A making that was cut short leaves nothing that counts.
 * The superuser's password is random and stands in `dir/superuser.password`, mode 0600.
 */
export async function openDataDir(path: string, binaries: PostgresBinaries, fast: boolean): Promise<DataDir> {
  const dir = resolve(path);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const account = chooseAccount([binaries.postgres, join(dir, 'data')]);
  // The other account passes through the folder but does not list it; then the answer may be better than before.
  if (account !== undefined) chmodSync(dir, 0o711);
  const owner = account === undefined ? undefined : chooseAccount([binaries.postgres, join(dir, 'data')]);
  const found: DataDir = {
    dir,
    data: join(dir, 'data'),
    logFile: join(dir, 'postgres.log'),
    password: passwordOf(join(dir, 'superuser.password')),
    account: owner,
  };
  if (!existsSync(found.data)) await initialise(found, binaries, fast);
  return found;
}

function passwordOf(file: string): string {
  if (!existsSync(file)) writePrivateFile(file, randomBytes(24).toString('base64url'));
  return readPrivateFile(file);
}

async function initialise(at: DataDir, binaries: PostgresBinaries, fast: boolean): Promise<void> {
  const draft = join(at.dir, 'data.new');
  const passwordFile = join(at.dir, 'initdb.password');
  rmSync(draft, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, `${at.password}\n`, { mode: 0o600 });
  give(at.account, draft, passwordFile);
  try {
    await initdb(at, binaries, draft, passwordFile, fast);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, at.data);
}

async function initdb(
  at: DataDir,
  binaries: PostgresBinaries,
  draft: string,
  passwordFile: string,
  fast: boolean,
) {
  const args = [
    `--pgdata=${draft}`,
    `--pwfile=${passwordFile}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    ...(fast ? ['--no-sync'] : []),
  ];
  const { command, args: all, options } = runAs(at.account, binaries.initdb, args);
  try {
    await run(command, [...all], { ...options, env: POSTGRES_ENV, cwd: '/', timeout: 60_000 });
  } catch (error) {
    const { stderr = '', message, code } = error as Error & { stderr?: string; code?: unknown };
    if (command === 'setpriv' && code === 'ENOENT')
      throw new RuntimeFault('WRIT-PG-004', `${at.dir} is closed to other accounts`);
    const why = stderr.trim().split('\n').slice(-3).join(' | ') || message;
    throw new RuntimeFault('WRIT-PG-002', `initdb failed: ${why}`, { cause: error });
  }
}

function give(account: Account | undefined, ...paths: readonly string[]): void {
  if (account === undefined) return;
  for (const path of paths) chownSync(path, account.uid, account.gid);
}
