// Owns flood control before parsing: one token bucket per sender. It never reads a clock or holds more than its bounds.
import type { Clock } from './clock.js';

/** `rate` tokens a second, `burst` at most; at most `maxKeys` buckets (default 10,000), the longest unused goes first. */
export type TokenBucketOptions = {
  readonly rate: number;
  readonly burst: number;
  readonly maxKeys?: number;
  readonly clock: Clock;
};

/** What was shed for one key since the summary before: `count` messages between two wall times (ms). */
export type ShedSummary = {
  readonly key: string;
  readonly count: number;
  readonly from: number;
  readonly to: number;
};

/** One bucket per key. `take` is O(1). */
export interface TokenBuckets {
  /** True when the message of this key may pass; false when it is shed, and counted. */
  take(key: string): boolean;
  /** What was shed since the last call, then starts to count anew. Keys beyond `maxKeys` stand together under `*`. */
  flush(): readonly ShedSummary[];
  /** The number of buckets held. */
  size(): number;
}

/** A bucket at one moment: tokens left, and the monotonic ms of the last look. */
export type Bucket = { readonly tokens: number; readonly at: number };

/** One try at a bucket. Pure: over any span it lets at most `burst + rate * seconds` through. */
export function takeToken(
  bucket: Bucket,
  now: number,
  rate: number,
  burst: number,
): { ok: boolean; bucket: Bucket } {
  const elapsed = Math.max(0, now - bucket.at);
  const tokens = Math.min(burst, bucket.tokens + (elapsed * rate) / 1000);
  const at = Math.max(now, bucket.at);
  return tokens >= 1
    ? { ok: true, bucket: { tokens: tokens - 1, at } }
    : { ok: false, bucket: { tokens, at } };
}

const OTHERS = '*';

/** Buckets of one intake, keyed by sending subject. The first message of a key finds a full bucket. */
export function createTokenBuckets(options: TokenBucketOptions): TokenBuckets {
  const { rate, burst, maxKeys = 10_000, clock } = options;
  const buckets = new Map<string, Bucket>();
  const shed = new Map<string, ShedSummary>();
  return {
    take(key) {
      const now = clock.mono();
      const found = buckets.get(key) ?? { tokens: burst, at: now };
      const { ok, bucket } = takeToken(found, now, rate, burst);
      remember(buckets, key, bucket, maxKeys);
      if (!ok) count(shed, key, clock.now(), maxKeys);
      return ok;
    },
    flush() {
      const summaries = [...shed.values()];
      shed.clear();
      return summaries;
    },
    size: () => buckets.size,
  };
}

function remember(buckets: Map<string, Bucket>, key: string, bucket: Bucket, maxKeys: number): void {
  buckets.delete(key);
  buckets.set(key, bucket);
  if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value as string);
}

function count(shed: Map<string, ShedSummary>, key: string, now: number, maxKeys: number): void {
  const name = shed.has(key) || shed.size < maxKeys ? key : OTHERS;
  const before = shed.get(name);
  shed.set(name, { key: name, count: (before?.count ?? 0) + 1, from: before?.from ?? now, to: now });
}
