// Owns counting: verdicts and latencies of a set of calls. Pure; it knows neither plane nor files.
import type { PlayedCall, PlayedVerdict } from './played.js';

/** Percentiles by nearest rank, in milliseconds with three decimals. */
export type Latency = {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
};

/** What became of a set of calls. A latency is null where nothing was measured. */
export type Tally = {
  readonly calls: number;
  readonly permitted: number;
  readonly denied: number;
  readonly escalated: number;
  readonly latency: {
    readonly decision: Latency | null;
    readonly receipt: Latency | null;
    readonly outcome: Latency | null;
  };
};

/** How many of a set were let through (permitted), held (escalated: nobody votes in a replay) and stopped (denied). */
export type Fate = {
  readonly calls: number;
  readonly letThrough: number;
  readonly held: number;
  readonly stopped: number;
};

const count = (calls: readonly PlayedCall[], verdict: PlayedVerdict): number =>
  calls.filter((call) => call.verdict === verdict).length;

/** Counts a set of calls. */
export function tally(calls: readonly PlayedCall[]): Tally {
  return {
    calls: calls.length,
    permitted: count(calls, 'permitted'),
    denied: count(calls, 'denied'),
    escalated: count(calls, 'escalated'),
    latency: {
      decision: latencyOf(calls.map((call) => call.decisionMs)),
      receipt: latencyOf(calls.flatMap(({ receiptMs }) => receiptMs ?? [])),
      outcome: latencyOf(calls.flatMap(({ outcomeMs }) => outcomeMs ?? [])),
    },
  };
}

/** The fate of a set of calls. */
export function fateOf(calls: readonly PlayedCall[]): Fate {
  return {
    calls: calls.length,
    letThrough: count(calls, 'permitted'),
    held: count(calls, 'escalated'),
    stopped: count(calls, 'denied'),
  };
}

/** Groups in order of name. */
export function groupBy(
  calls: readonly PlayedCall[],
  nameOf: (call: PlayedCall) => string,
): readonly (readonly [string, readonly PlayedCall[]])[] {
  const groups = new Map<string, PlayedCall[]>();
  for (const call of calls) {
    const name = nameOf(call);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [call]);
    else group.push(call);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Percentiles of a set of times; null for none. */
export function latencyOf(times: readonly number[]): Latency | null {
  if (times.length === 0) return null;
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
