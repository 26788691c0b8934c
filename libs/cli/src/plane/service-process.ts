// Owns one process of a service: what it is started with, when it is ready, and its end. It reads nothing that the service says.
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@writ/contracts';
import { RuntimeFault } from '@writ/runtime';
import { lastWords } from './last-words.js';

const STOP_MS = 8_000;
const writ = fileURLToPath(new URL('../../bin/writ.js', import.meta.url));

type Env = Readonly<Record<string, string | undefined>>;

/** What a service inherits of an environment: what Node needs and Writ's own settings. Nobody else's secrets. */
export const inheritedEnv = (env: Env): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => name === 'PATH' || name === 'HOME' || /^(NODE|WRIT)_/.test(name)),
  );

/** Starts the process; its output is appended to `logFile`. */
export const forkService = (service: ServiceName, logFile: string, env: Env): ChildProcess => {
  const log = openSync(logFile, 'a', 0o600);
  try {
    return fork(writ, ['service', service], {
      stdio: ['ignore', log, log, 'ipc'],
      // Flags of the parent (a test runner's, a profiler's) are not the service's.
      execArgv: [],
      env: { ...inheritedEnv(process.env), ...env },
    });
  } finally {
    closeSync(log);
  }
};

/** Calls `then` once, when the process has ended or could not be started. */
export const whenOver = (child: ChildProcess, then: () => void): void => {
  let over = false;
  const once = (): void => {
    if (over) return;
    over = true;
    then();
  };
  child.once('exit', once);
  child.on('error', () => {
    if (child.pid === undefined) once();
  });
};

/** Whether the process has ended, or never began. */
export const isOver = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/**
 * Resolves when the child says `ready`. Rejects when it ends before: with its own code and reason where its log tells them, else with
 * WRIT-RUN-004, naming the log. One that says nothing for `withinMs` is killed, so that whoever waits for its end can start it anew.
 */
export const becomesReady = (
  child: ChildProcess,
  service: string,
  logFile: string,
  withinMs: number,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const logged = sizeOf(logFile);
    const fail = (why: string): void => {
      clearTimeout(timer);
      const own = lastWords(logFile, logged);
      const reason = own === undefined ? `${service} ${why}` : `${service} refused to start: ${own.why}`;
      reject(new RuntimeFault(own?.code ?? 'WRIT-RUN-004', `${reason}; its log is ${logFile}`));
    };
    const timer = setTimeout(() => {
      fail(`was not ready within ${withinMs / 1000} s`);
      child.kill('SIGKILL');
    }, withinMs);
    child.on('message', (message) => {
      if (message !== 'ready') return;
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', (code, signal) => fail(`ended (${signal ?? code})`));
    child.once('error', () => fail('could not be started'));
  });

/** Ends the child in good order; after 8 s by SIGKILL. Resolves when it is gone. */
export const endChild = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (isOver(child)) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
