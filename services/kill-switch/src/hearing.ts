// Hears halts twice: from GOV_HALTS in order, so that none is missed, and live, so that a halt is recorded although nothing captured it.
import { type EnvironmentScope, Streams } from '@writ/contracts';
import { createJetStreamLedger, type Ledger } from '@writ/ledger';
import { FRESH_MS } from '@writ/runtime';
import { readCaptured } from './captured.js';
import { type HaltDeps, heardFrom, missedIn, recordMissed } from './halts.js';
import { hearLive } from './live-hearing.js';
import { createRecorder, touches } from './recorder.js';

export interface Hearing {
  /** Resolves when every halt that GOV_HALTS held as of the start is recorded. */
  caughtUp(): Promise<void>;
  /** Whether all that GOV_HALTS held a moment ago is recorded: without that nobody is told that there is no halt. */
  current(): boolean;
  /** Whether no halt that is known covers the environment without being recorded there. */
  settled(environment: EnvironmentScope): boolean;
  /** Records, in environments that came later, the halts that touched none when they were heard or that they began without. */
  place(): Promise<void>;
  stop(): Promise<void>;
}

/** Ends the process: whoever cannot hear halts must not renew leases. */
const endProcess = ({ plane }: HaltDeps, error: unknown): void => {
  plane.log.fatal({ event: 'halts.unreadable', error: (error as Error).name });
  setImmediate(() => {
    throw error;
  });
};

/** Starts hearing. A halt sent as a request is answered, with its frames, after it is recorded. */
export const hear = async (
  deps: HaltDeps,
  stream: Ledger = createJetStreamLedger({ connection: deps.plane.bus, stream: Streams.halts }),
  fail: (error: unknown) => void = (error) => endProcess(deps, error),
): Promise<Hearing> => {
  const stopped = new AbortController();
  const recorder = createRecorder(deps, stopped.signal);
  let behind = (): Promise<boolean> => Promise.resolve(true);
  const live = hearLive(deps, recorder, () => behind());
  const captured = await readCaptured({
    stream,
    log: deps.plane.log,
    fail,
    take: (message) => live.captured(heardFrom(message, deps.record)),
  });
  behind = captured.behind;
  return {
    caughtUp: captured.caughtUp,
    current: () => captured.current(FRESH_MS),
    settled: (environment) =>
      missedIn(deps, environment).length === 0 &&
      !recorder.unplaced().some((halt) => touches(halt, environment)),
    place: async () => {
      for (const halt of recorder.unplaced()) await recorder.record(halt);
      await recordMissed(deps);
    },
    stop: async () => {
      stopped.abort();
      live.stop();
      await captured.stop();
      await stream.close();
    },
  };
};
