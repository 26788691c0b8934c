// A timer that never runs twice at once and never throws into the process.
import type { Log } from '../log.js';

/** Runs `work` every `ms` after the run before has ended. `stop` waits for the run in hand. */
export const startTicker = (
  ms: number,
  log: Log,
  work: () => Promise<void> | void,
): { stop(): Promise<void> } => {
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const run = () => {
    running = (async () => work())()
      .catch((error: Error) => log.error({ event: 'ticker.failed', error: error.name }))
      .finally(() => {
        if (!stopped) timer = setTimeout(run, ms);
      });
  };
  timer = setTimeout(run, ms);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
