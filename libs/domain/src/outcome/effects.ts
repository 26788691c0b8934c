// Compares what an executor reported with what a verifier saw. Says only whether they contradict.
import type { Effect } from '@writ/contracts';

const key = ({ resource, operation }: Effect): string => `${operation} ${resource}`;

const differs = (seen: Effect, told: Effect): boolean =>
  (seen.count !== undefined && told.count !== undefined && seen.count !== told.count) ||
  (seen.amount !== undefined && told.amount !== undefined && seen.amount !== told.amount);

/**
 * Whether effects that a verifier saw contradict those reported: one that was not reported, or the same resource and
 * operation with another count or amount. What the verifier did not look at contradicts nothing, and neither does anything
 * where no effects were reported at all.
 */
export const effectsContradict = (told: readonly Effect[], seen: readonly Effect[]): boolean => {
  if (told.length === 0) return false;
  const reported = new Map(told.map((effect) => [key(effect), effect]));
  return seen.some((effect) => {
    const match = reported.get(key(effect));
    return match === undefined || differs(effect, match);
  });
};
