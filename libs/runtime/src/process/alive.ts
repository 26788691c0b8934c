// Owns the question whether a pid on record is still that server. Pids are used again, so a pid alone proves nothing.
import { readdirSync, readFileSync } from 'node:fs';

/** True when `pid` runs and its command line has both `program` and `mark` in it (a path that only this server has). */
export function runsAs(pid: number, program: string, mark: string): boolean {
  if (!exists(pid)) return false;
  const line = commandLine(pid);
  return line === undefined || (line.includes(program) && line.includes(mark));
}

/** Waits until `stillThere` is false; true when it became so within `timeoutMs`. */
export async function waitGone(stillThere: () => boolean, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (stillThere()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** True when every thread of the process is stopped (SIGSTOP), or where that cannot be seen (no /proc). */
export function standsStill(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) =>
      /^State:\s+[TtZX]/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')),
    );
  } catch {
    return false;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// Undefined where there is no /proc: then a living pid has to be believed. An empty line is a process that has ended.
function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return process.platform === 'linux' ? '' : undefined;
  }
}
