// Owns what a killed Postgres leaves behind. It never takes a lock file away: Postgres finds in it whether old backends still run.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeFault } from '../faults.js';
import { runsAs, waitGone } from '../process/alive.js';

/**
 * Makes the data directory free to start on: waits up to 5 s for a postmaster whose starter was killed (its guard is ending it).
 * Where the recorded pid is another program by now, the lock file is made to name this process, the parent of the next postmaster,
 * which Postgres takes for a stale one; its other lines stay. Throws WRIT-PG-003 when a postmaster really runs.
 */
export async function claimDataDir(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  const text = readLock(lock);
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0)) return;
  if (!(await waitGone(() => runsAs(pid, 'postgres', data), 5000))) {
    throw new RuntimeFault('WRIT-PG-003', `process ${pid}`);
  }
  const current = readLock(lock);
  if (Number.parseInt(current, 10) === pid) writeFileSync(lock, current.replace(/^\d+/, String(process.pid)));
}

function readLock(lock: string): string {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return '';
  }
}
