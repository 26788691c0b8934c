// Waits for a gate that is closed only for lack of a lease. It asks nobody and changes nothing.
import type { GateStatus } from '../types.js';
import type { GateListener } from './listener.js';

/** Resolves with what `check` says: once it is open, halted, or after `timeoutMs`, or when the signal aborts. */
export const whenOpen = async (
  listeners: GateListener[],
  check: () => GateStatus,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<GateStatus> => {
  const settled = (status: GateStatus) => status.kind === 'open' || status.code === 'WRIT-ENF-001';
  const first = check();
  if (settled(first) || timeoutMs <= 0) return first;
  return new Promise((resolve) => {
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      listeners.splice(listeners.indexOf(look), 1);
      resolve(check());
    };
    const look: GateListener = () => {
      if (settled(check())) queueMicrotask(finish);
    };
    const timer = setTimeout(finish, timeoutMs);
    signal?.addEventListener('abort', finish, { once: true });
    listeners.push(look);
  });
};
