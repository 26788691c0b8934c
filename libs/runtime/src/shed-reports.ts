// Owns the rhythm of shed reports: one summary per interval. It never reports when nothing was shed.
import type { ShedSummary, TokenBuckets } from './token-bucket.js';

/**
 * Calls `report` every `intervalMs` with what the buckets shed meanwhile, and once more when stopped. Nothing shed, no call.
 * The timer does not keep the process alive. Returns the stop.
 */
export function startShedReports(
  buckets: TokenBuckets,
  intervalMs: number,
  report: (shed: readonly ShedSummary[]) => void,
): () => void {
  const flush = () => {
    const shed = buckets.flush();
    if (shed.length > 0) report(shed);
  };
  const timer = setInterval(flush, intervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    flush();
  };
}
