// When work that is not the stop itself may run: after every socket of this process has been read, and a little later after a halt.
import { type ClientClock, pause } from '../clock.js';

/** How long a halt holds follow-up work back, milliseconds: at random between these, so that a thousand agents spread out. */
export const HOLD_MS = { least: 100, most: 300 } as const;

/**
 * Leases, notices, state replies, acknowledgements and the preserve hook cost signatures; a halt must not wait for them. Their
 * bound: at most HOLD_MS.most after they came, then one at a time in this process, between reads of its sockets.
 */
export interface FollowUp {
  /** A halt was heard: what comes from now on waits for the same random time, HOLD_MS. Holds never add up. */
  hold(): void;
  /** Resolves when it is this client's turn; turns come in the order in which they were asked for. */
  turn(): Promise<void>;
}

/** Follow-up work of one client. `random` gives numbers from 0 up to 1. */
export const createFollowUp = (clock: ClientClock, random: () => number = Math.random): FollowUp => {
  let heldUntil = 0;
  let last: Promise<void> = Promise.resolve();
  const due = async (at: number): Promise<void> => {
    const wait = at - clock.now().mono;
    if (wait > 0) await pause(wait);
    await afterSockets();
  };
  return {
    hold: () => {
      const now = clock.now().mono;
      if (now >= heldUntil) heldUntil = now + HOLD_MS.least + random() * (HOLD_MS.most - HOLD_MS.least);
    },
    turn: () => {
      const at = heldUntil;
      last = last.then(() => due(at));
      return last;
    },
  };
};

const line: (() => void)[] = [];

const callNext = (): void => {
  line.shift()?.();
  if (line.length > 0) setImmediate(callNext);
};

/** One caller for each round of the event loop, over all clients of this process: every round reads the sockets first. */
const afterSockets = (): Promise<void> =>
  new Promise((resolve) => {
    line.push(resolve);
    if (line.length === 1) setImmediate(callNext);
  });
