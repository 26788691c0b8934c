// Owns the promise that a server never outlives the process that started it, however that process ends (SIGKILL included).
// It never signals a process that it was not told of.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// One small shell per process. It reads "+ <pid> <signal>" and "- <pid>"; when its input closes, because the process
// is gone, it signals what is left, waits up to two seconds and kills.
const SCRIPT = `trap '' INT TERM HUP
list=''
while read -r op pid sig; do
  if [ "$op" = + ]; then list="$list $pid:$sig"; continue; fi
  kept=''
  for e in $list; do [ "\${e%%:*}" = "$pid" ] || kept="$kept $e"; done
  list=$kept
done
for e in $list; do kill -"\${e#*:}" "\${e%%:*}" 2>/dev/null; done
n=0
while [ $n -lt 20 ]; do
  left=''
  for e in $list; do kill -0 "\${e%%:*}" 2>/dev/null && left="$left $e"; done
  list=$left
  [ -n "$list" ] || exit 0
  sleep 0.1
  n=$((n + 1))
done
for e in $list; do kill -KILL "\${e%%:*}" 2>/dev/null; done
`;

let guard: ChildProcess | undefined;

/**
 * Has `pid` ended when this process ends in any way: `signal` first, SIGKILL two seconds later.
 * Call the returned function once the server has ended by itself. Needs a POSIX `sh`.
 */
export function guardProcess(pid: number, signal: 'TERM' | 'INT' = 'TERM'): () => void {
  tell(`+ ${pid} ${signal}`);
  return () => tell(`- ${pid}`);
}

function tell(line: string): void {
  if (guard === undefined || guard.exitCode !== null || guard.signalCode !== null) guard = startGuard();
  guard.stdin?.write(`${line}\n`);
}

// In a session of its own, so that Ctrl-C in a terminal does not reach it; it keeps nobody alive.
function startGuard(): ChildProcess {
  const child = spawn('sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  child.unref();
  (child.stdin as Socket).unref();
  child.stdin?.on('error', () => undefined);
  child.on('error', () => undefined);
  return child;
}
