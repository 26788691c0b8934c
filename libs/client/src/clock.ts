// The clock as a port: monotonic for every judgement of age, wall clock only to notice that the machine slept.

/** One reading of both clocks, milliseconds. */
export type Instant = { readonly mono: number; readonly wall: number };

/** Where time comes from; tests step it. */
export interface ClientClock {
  now(): Instant;
}

/** The clocks of this process. `performance.now` is CLOCK_MONOTONIC: it goes on while the process is stopped. */
export const systemClock: ClientClock = {
  now: () => ({ mono: performance.now(), wall: Date.now() }),
};

/** RFC 3339 UTC with milliseconds. */
export const timestamp = (epochMs: number): string => new Date(Math.round(epochMs)).toISOString();

/** Waits; ends early, without an error, when the signal aborts. The timer does not keep the process alive. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    signal?.addEventListener('abort', done, { once: true });
  });
