// How fresh the folded view is: the ledger's end is asked for again and again, and held against the position.

import type { LedgerSeq } from '@writ/contracts';
import type { MonotonicClock } from '../clock.js';
import { type Ledger, LedgerGapError } from '../ledger.js';

/** A replica may be ahead of the leader's answer for a moment; so often in a row it is the ledger that went backwards. */
const BACKWARDS_TRIES = 3;

export type Freshness = {
  freshAsOf(): number;
  /** To be called whenever the position moves. */
  advance(position: LedgerSeq): void;
  /** Polls until the signal aborts. Throws `LedgerGapError` when the ledger ends before the position. */
  run(signal: AbortSignal): Promise<void>;
};

type Options = {
  readonly ledger: Ledger;
  readonly clock: MonotonicClock;
  readonly pollMs: number;
  readonly position: () => LedgerSeq;
};

export const createFreshness = (options: Options): Freshness => {
  let fresh = Number.NEGATIVE_INFINITY;
  let backwards = 0;
  let asked: { readonly at: number; readonly end: LedgerSeq } | undefined;
  const advance = (position: LedgerSeq): void => {
    if (asked === undefined || position < asked.end) return;
    fresh = Math.max(fresh, asked.at);
    asked = undefined;
  };
  const poll = async (): Promise<void> => {
    const at = options.clock.now();
    const before = options.position();
    const end = await options.ledger.end().catch(() => undefined);
    if (end === undefined) return;
    backwards = end < before ? backwards + 1 : 0;
    if (backwards >= BACKWARDS_TRIES) {
      throw new LedgerGapError(`the ledger ends at ${end}, after ${before} had been read`);
    }
    if (end >= before) asked ??= { at, end };
    advance(options.position());
  };
  return {
    freshAsOf: () => fresh,
    advance,
    run: async (signal) => {
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      while (!signal.aborted) {
        await poll();
        await Promise.race([options.clock.sleep(options.pollMs), aborted]);
      }
    },
  };
};
