// Reads GOV_HALTS from its beginning to its end and on. Counts a halt as read only when it is recorded; records nothing itself.
import type { Ledger, StoredMessage } from '@writ/ledger';
import { type Log, startTicker } from '@writ/runtime';

export interface CapturedHalts {
  /** True while every halt that GOV_HALTS held at most `maxAgeMs` ago is recorded. */
  current(maxAgeMs: number): boolean;
  /** Resolves when every halt that GOV_HALTS held as of the start is recorded. */
  caughtUp(): Promise<void>;
  /** Whether GOV_HALTS holds more than has been read: then what was heard live may still come from there. */
  behind(): Promise<boolean>;
  stop(): Promise<void>;
}

export type CaptureOptions = {
  readonly stream: Ledger;
  readonly log: Log;
  /** Resolves when the halt of this message is recorded; never rejects. */
  readonly take: (message: StoredMessage) => Promise<void>;
  /** Called when the stream cannot be read any more: without it nobody may be told to go on. */
  readonly fail: (error: unknown) => void;
};

/** One reading of the stream, from its first message on. */
type Pass = {
  /** The last message read. */
  readonly read: () => number;
  /** Up to here every message is recorded. */
  readonly done: () => number;
  readonly stop: () => Promise<void>;
};

/**
 * How many halts are being recorded at the same time: one that cannot be holds nobody up, and a flood does not delay its own
 * acknowledgements until they are sent again.
 */
const IN_HAND = 8;
/** How often the stream's end is asked for, ms. */
const LOOK_MS = 500;

const startPass = ({ stream, take, fail }: CaptureOptions): Pass => {
  const abort = new AbortController();
  const inHand = new Map<number, Promise<void>>();
  let read = 0;
  const reading = (async () => {
    for await (const message of stream.read(1, { signal: abort.signal })) {
      const work = take(message).then(() => void inHand.delete(message.seq));
      inHand.set(message.seq, work);
      read = message.seq;
      if (inHand.size >= IN_HAND) await Promise.race(inHand.values());
    }
  })().catch((error: unknown) => {
    if (!abort.signal.aborted) fail(error);
  });
  const oldest = (): number | undefined => inHand.keys().next().value;
  return {
    read: () => read,
    done: () => (oldest() ?? read + 1) - 1,
    stop: async () => {
      abort.abort();
      await reading;
    },
  };
};

/** Starts reading. A stream that was made anew is read again from its beginning. */
export const readCaptured = async (options: CaptureOptions): Promise<CapturedHalts> => {
  const { stream, log } = options;
  let pass = startPass(options);
  let freshAsOf = Number.NEGATIVE_INFINITY;
  /** The end as it was seen at a time and is not reached yet. */
  let aim: { readonly at: number; readonly last: number } | undefined;
  const settle = (): void => {
    if (aim === undefined || pass.done() < aim.last) return;
    freshAsOf = aim.at;
    aim = undefined;
  };
  const look = async (): Promise<number> => {
    const [at, read] = [performance.now(), pass.read()];
    const last = await stream.end();
    if (last < read) {
      log.error({ event: 'halts.begun-anew', read, last });
      await pass.stop();
      pass = startPass(options);
      aim = undefined;
    }
    aim ??= { at, last };
    settle();
    return last;
  };
  const end = await look();
  const looking = startTicker(LOOK_MS, log, async () => void (await look()));
  return {
    current: (maxAgeMs) => {
      settle();
      return performance.now() - freshAsOf <= maxAgeMs;
    },
    caughtUp: async () => {
      while (pass.done() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    behind: () =>
      stream.end().then(
        (last) => pass.read() < last,
        () => false,
      ),
    stop: async () => {
      await looking.stop();
      await pass.stop();
    },
  };
};
