// Owns what a killed Postgres leaves behind. It takes away a lock file only after proving that nobody holds it.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeFault } from '../faults.js';
import { runsAs, waitGone } from '../process/alive.js';

/**
 * Makes the data directory free to start on: waits up to 5 s for a postmaster whose starter was killed (its guard is ending it),
 * removes the lock file of a dead one, also when its pid is another process by now. Throws WRIT-PG-003 when one really runs.
 */
export async function claimDataDir(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  const pid = readPid(lock);
  if (pid === undefined) return;
  if (!(await waitGone(() => runsAs(pid, 'postgres', data), 5000))) {
    throw new RuntimeFault('WRIT-PG-003', `process ${pid}`);
  }
  rmSync(lock, { force: true });
}

function readPid(lock: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(lock, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}
