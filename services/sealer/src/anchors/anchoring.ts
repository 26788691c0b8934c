// Keeps the anchors up to date, each at its own pace: when checkpoints come faster than an anchor takes them, the latest one counts.
import { type Log, type Metrics, startTicker } from '@writ/runtime';
import type { SignedCheckpoint } from '../notes.js';
import type { Anchor } from './config.js';
import { writeAnchor } from './write.js';

export interface Anchoring {
  /** A checkpoint, signed only or cosigned. */
  offer(of: Anchor['of'], signed: SignedCheckpoint): void;
  stop(): Promise<void>;
}

type Place = {
  readonly anchor: Anchor;
  waiting: SignedCheckpoint | undefined;
  notBefore: number;
  failures: number;
};

const TICK_MS = 50;
const LONGEST_MS = 60_000;

const nameOf = (error: unknown): string => {
  const { message, name } = error as Error;
  return /^(status \d+|ended by SIG[A-Z]+|E[A-Z]+)$/.test(message) ? message : name;
};

const write = async (place: Place, log: Log, metrics: Metrics): Promise<void> => {
  const { anchor, waiting } = place;
  if (waiting === undefined || performance.now() < place.notBefore) return;
  place.waiting = undefined;
  const { name, everyMs } = anchor;
  try {
    await writeAnchor(anchor, waiting);
    place.failures = 0;
    log.debug({ event: 'anchored', anchor: name, seq: waiting.checkpoint.size });
  } catch (error) {
    place.failures += 1;
    place.waiting ??= waiting;
    metrics.refused('WRIT-SEA-025');
    log.error({ event: 'anchor.failed', anchor: name, code: 'WRIT-SEA-025', why: nameOf(error) });
  }
  const again = place.failures === 0 ? everyMs : Math.min(LONGEST_MS, 250 * 2 ** Math.min(place.failures, 8));
  place.notBefore = performance.now() + Math.max(everyMs, again);
};

/** Begins. */
export const startAnchoring = (anchors: readonly Anchor[], log: Log, metrics: Metrics): Anchoring => {
  const places: readonly Place[] = anchors.map((anchor) => ({
    anchor,
    waiting: undefined,
    notBefore: 0,
    failures: 0,
  }));
  const tickers = places.map((place) => startTicker(TICK_MS, log, () => write(place, log, metrics)));
  return {
    offer: (of, signed) => {
      for (const place of places) if (place.anchor.of === of) place.waiting = signed;
    },
    stop: async () => void (await Promise.all(tickers.map((ticker) => ticker.stop()))),
  };
};
