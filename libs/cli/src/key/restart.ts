// Owns having a service of this installation start anew, so that it takes its new key up. What it was doing it finishes first.
import { setTimeout as pause } from 'node:timers/promises';
import { fault } from '../fault.js';
import { readRunFile } from '../home.js';

type RunFile = { readonly pid?: unknown };

const WAIT_MS = 30_000;

const pidOf = (home: string, service: string): number | undefined => {
  const pid = readRunFile<RunFile>(home, service)?.pid;
  return typeof pid === 'number' ? pid : undefined;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * Ends the process in good order and waits until whoever supervises it has started another, which is ready. `not-here`: none of this
 * installation runs on this machine. WRIT-KEY-023: no other came within 30 s.
 */
export const restartService = async (home: string, service: string): Promise<'restarted' | 'not-here'> => {
  const before = pidOf(home, service);
  if (before === undefined || !isAlive(before)) return 'not-here';
  process.kill(before, 'SIGTERM');
  for (const end = performance.now() + WAIT_MS; performance.now() < end; await pause(50)) {
    const now = pidOf(home, service);
    if (now !== undefined && now !== before && isAlive(now)) return 'restarted';
  }
  return fault('WRIT-KEY-023', `${service} did not become ready again within ${WAIT_MS / 1000} s`);
};
