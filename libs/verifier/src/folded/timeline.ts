// A folded value and what it was a little earlier: which values were in force since a position or a time. Bounded.
import type { LedgerSeq } from '@writ/contracts';

/** Values older than this are not looked up: far longer than any honest view is behind. */
const KEEP_MS = 60_000;
const KEEP_ENTRIES = 16_384;
const TRIM_AT = 1_024;

type Entry<T> = { readonly seq: LedgerSeq; readonly ms: number; readonly value: T };

/** The recent history of one value. */
export type Timeline<T> = {
  now(): T;
  /** The value from this event on; the same value again is not remembered. */
  set(seq: LedgerSeq, ms: number, value: T): void;
  /** The values in force at any position from `seen` up to now, oldest first. */
  since(seen: LedgerSeq): readonly T[];
  /** Those of them that were in force at `ms` or later: what a writer with a fresh view may have seen. */
  fresh(seen: LedgerSeq, ms: number): readonly T[];
};

/** Creates the history of a value that is `initial` before the first event. */
export const createTimeline = <T>(initial: T): Timeline<T> => {
  let entries: Entry<T>[] = [{ seq: 0, ms: Number.NEGATIVE_INFINITY, value: initial }];
  let trimAt = TRIM_AT;
  const last = (): Entry<T> => entries[entries.length - 1] as Entry<T>;
  const trim = (now: number): void => {
    const first = entries.findIndex((_, n) => (entries[n + 1]?.ms ?? now) >= now - KEEP_MS);
    entries = entries.slice(Math.max(first, entries.length - KEEP_ENTRIES, 0));
    trimAt = Math.max(TRIM_AT, 2 * entries.length);
  };
  /** From the newest back, as long as what came next came behind `seen` and at `ms` or later. */
  const inForce = (seen: LedgerSeq, ms: number): readonly T[] => {
    const values = [last().value];
    for (let n = entries.length - 1; n > 0; n -= 1) {
      const next = entries[n] as Entry<T>;
      if (next.seq <= seen || next.ms < ms) break;
      values.push((entries[n - 1] as Entry<T>).value);
    }
    return values.reverse();
  };
  return {
    now: () => last().value,
    set: (seq, ms, value) => {
      if (value === last().value) return;
      entries.push({ seq, ms, value });
      if (entries.length > trimAt) trim(ms);
    },
    since: (seen) => inForce(seen, Number.NEGATIVE_INFINITY),
    fresh: inForce,
  };
};
