// The clock port. It owns the only reading of time in a process; nothing else here calls Date.now().

/**
 * Time as a port, so that tests can bring their own.
 * `now()` is wall time in ms since 1970 and may jump; `mono()` is monotonic ms with an arbitrary zero: ages and deadlines
 * are judged by `mono()` only.
 */
export interface Clock {
  now(): number;
  mono(): number;
}

/** The clock of this machine. `mono()` is `performance.now()`. */
export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
};
