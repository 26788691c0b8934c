// Monotonic time as a port, so that deadlines can be tested. Wall-clock time never decides anything here.

/** A monotonic clock: `now` in milliseconds since an arbitrary start; `sleep` resolves after `ms` of them. */
export interface MonotonicClock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** The process's own monotonic clock. */
export const systemClock: MonotonicClock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
