// Since when a message that is handed over now may have been waiting for us. After a pause messages come late, all at once.
import type { Plane } from '@writ/runtime';

export interface Arrival {
  /** Wall-clock ms: a message that is handed over now came no earlier, but for the way through the network. */
  since(): number;
  stop(): void;
}

const BEAT_MS = 100;
const GAP_MS = 500;

/** Follows the event loop. Until the bus has been flushed after a pause, messages count as come since its beginning. */
export const watchArrival = ({ clock, bus }: Pick<Plane, 'clock' | 'bus'>): Arrival => {
  let last = clock.now();
  let paused: { readonly since: number } | undefined;
  const timer = setInterval(() => {
    const now = clock.now();
    if (now - last > GAP_MS) {
      const pause = { since: Math.min(paused?.since ?? last, last) };
      paused = pause;
      const over = (): void => {
        if (paused === pause) paused = undefined;
      };
      bus.flush().then(over, over);
    }
    last = now;
  }, BEAT_MS);
  timer.unref();
  return { since: () => paused?.since ?? last, stop: () => clearInterval(timer) };
};
