// Owns one server process: start, wait, signal. It never signals a pid whose end it has seen.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { standsStill, waitGone } from './alive.js';
import { guardProcess } from './guard.js';

const PAUSE_MS = 2000;

/** How to start a server: its output is appended to `logFile`; `signal` ends it in good order. */
export type ServerCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly signal: 'TERM' | 'INT';
  readonly options?: SpawnOptions;
};

/** A server process under guard. */
export interface ServerProcess {
  readonly pid: number;
  readonly exited: Promise<void>;
  alive(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** SIGSTOP; resolves when every thread of it stands still (the signal alone returns before). */
  pause(): Promise<void>;
  /** Ends it in good order; after `graceMs` by SIGKILL. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a server in a session of its own (a terminal's Ctrl-C does not reach it) and under the guard of this process. */
export async function startProcess(server: ServerCommand): Promise<ServerProcess> {
  const log = openSync(server.logFile, 'a', 0o600);
  const child = spawn(server.command, server.args, {
    ...server.options,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const pid = await started(child);
  const release = guardProcess(pid, server.signal);
  const exited = gone(child).then(release);
  return handle(child, pid, exited, server.signal);
}

function handle(
  child: ChildProcess,
  pid: number,
  exited: Promise<void>,
  last: 'TERM' | 'INT',
): ServerProcess {
  const alive = () => child.exitCode === null && child.signalCode === null;
  const signal = (name: NodeJS.Signals) => void (alive() && child.kill(name));
  const kill = () => {
    signal('SIGKILL');
    return exited;
  };
  return {
    pid,
    exited,
    alive,
    signal,
    kill,
    pause: async () => {
      signal('SIGSTOP');
      await waitGone(() => alive() && !standsStill(pid), PAUSE_MS);
    },
    stop: (graceMs) => {
      signal('SIGCONT');
      signal(`SIG${last}`);
      const timer = setTimeout(() => void kill(), graceMs);
      return exited.finally(() => clearTimeout(timer));
    },
  };
}

function started(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid as number));
  });
}

function gone(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => void child.once('exit', () => resolve()));
}

/** The end of a log file, for the reason of a failed start. */
export function logTail(path: string, lines = 5): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join(' | ');
  } catch {
    return 'no log was written';
  }
}
