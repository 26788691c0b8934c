// Owns roster.json on disk: read whole, checked, replaced at once, by one process at a time. It never holds a secret.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Refused, refused } from '@writ/contracts';
import { type Roster, readRoster } from '../bus/roster.js';
import { replaceFile } from './atomic-file.js';
import type { InstallPaths } from './layout.js';

const WAIT_MS = 5_000;

/** The roster of an installation. WRIT-CLI-003 when there is none, WRIT-REG-006 when it does not hold what it must. */
export function loadRoster(
  paths: InstallPaths,
): { readonly kind: 'roster'; readonly roster: Roster } | Refused {
  if (!existsSync(paths.rosterFile)) return refused('WRIT-CLI-003', paths.rosterFile);
  try {
    return readRoster(JSON.parse(readFileSync(paths.rosterFile, 'utf8')));
  } catch {
    return refused('WRIT-REG-006', `${paths.rosterFile} is not JSON`);
  }
}

/** Replaces the roster; a roster that would not be read back is refused and nothing is written. */
export function saveRoster(paths: InstallPaths, roster: Roster): Refused | undefined {
  const checked = readRoster(roster);
  if (checked.kind === 'refused') return checked;
  replaceFile(paths.rosterFile, `${JSON.stringify(checked.roster, null, 2)}\n`);
  return undefined;
}

/** Runs `change` while no other process changes the roster. Waits up to 5 s; the lock of a process that is gone is taken over. */
export async function withRosterLock<T>(paths: InstallPaths, change: () => Promise<T>): Promise<T> {
  const end = performance.now() + WAIT_MS;
  while (!takeLock(paths.rosterLock)) {
    if (performance.now() > end) throw new Error(`${paths.rosterLock} is held by another process`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  try {
    return await change();
  } finally {
    rmSync(paths.rosterLock, { force: true });
  }
}

function takeLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    dropStale(path);
    return false;
  }
}

function dropStale(path: string): void {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(path, { force: true });
  } catch {
    // Released in between: the next try will tell.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
