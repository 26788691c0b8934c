// The times of the verifier, in one place. Everything else is exact.

/**
 * Milliseconds. `viewMs`: how far a writer's view may be behind (ARCHITECTURE §7.1). `appendMs`: how long an append may take
 * after its writer has decided. `clockMs`: between a service's clock and the server's where something expires. `claimMs`: the
 * most by which a time that a service states may differ from the server's. `backwardsMs`: a new leader's clock may be behind
 * the old one's by this.
 */
export const Tolerances = {
  viewMs: 2_000,
  appendMs: 2_000,
  clockMs: 5_000,
  claimMs: 30_000,
  backwardsMs: 5_000,
} as const;

/** A view is stale when something that it lacks was stored longer ago than this. */
export const STALE_MS = Tolerances.viewMs + Tolerances.appendMs;
