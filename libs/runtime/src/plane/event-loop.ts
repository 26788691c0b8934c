// Notices that this process did not run for a while: SIGSTOP, a suspended machine, a blocked event loop.

export interface EventLoopWatch {
  /** True when the last beat is overdue right now: we have just come back from a pause. */
  late(): boolean;
  stop(): void;
}

const BEAT_MS = 100;

/** Calls `onGap` when more than `gapMs` passed between two beats of 100 ms. Monotonic clock. */
export const watchEventLoop = (gapMs: number, onGap: () => void): EventLoopWatch => {
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const gap = now - last;
    last = now;
    if (gap > gapMs) onGap();
  }, BEAT_MS);
  timer.unref();
  return { late: () => performance.now() - last > gapMs, stop: () => clearInterval(timer) };
};
