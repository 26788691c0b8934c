// The detectors' constants and the words they use: what ships, in one table. No state, no decisions.
import type { Detector } from '@writ/contracts';

/**
 * The thresholds that ship. Times in seconds. A detector without its minimum history says nothing (cold start); only the
 * burst needs none.
 */
export const Detectors = {
  /**
   * Decisions per clock minute against the agent's own mean over its last `baselineMinutes` active minutes. Flags more than
   * `factor` times the mean, and never fewer than `floor`. Cold start: silent until `minActiveMinutes` minutes are complete.
   */
  rate: { windowSeconds: 60, baselineMinutes: 60, minActiveMinutes: 10, factor: 4, floor: 60 },
  /**
   * The first use of an operation, or of a class of resources, by an agent that has a settled habit. Cold start: silent until
   * `minDecisions` decisions over `minAgeSeconds`. An agent that has used `maxClasses` of either has no habit: silent.
   */
  novelty: { minDecisions: 100, minAgeSeconds: 3600, maxClasses: 512, windowSeconds: 3600 },
  /**
   * `count` actions permitted by policy alone that are irreversible or delete-like, within `windowSeconds`. Needs no history.
   * Approved actions do not count: a person saw them.
   */
  'irreversible-burst': { count: 5, windowSeconds: 60 },
  /** Two intents of one agent under one id. One flag is enough while the agent stands at a gate for it, for `windowSeconds`. */
  'intent-id-reused': { windowSeconds: 60 },
} as const;

/** When a service's report counts: in time, and for one asker and kind not sooner than `everySeconds` after the one before. */
export const ReportRules = { staleSeconds: 60, aheadSeconds: 30, everySeconds: 2 } as const;

/** How containment falls and autonomy rises. */
export const ConductRules = {
  /** `watch` goes back to `none` after this long without a flag. */
  quietSeconds: 900,
  /** A promotion needs this many succeeded outcomes since the last change of autonomy, ... */
  promotionMinSucceeded: 20,
  /** ... and no more than `promotionMaxFlags` flags in this window. */
  promotionFlagWindowSeconds: 7 * 86_400,
  promotionMaxFlags: 0,
} as const;

/** How much history is kept per agent; everything is bounded. */
export const HistoryLimits = {
  ...{ recent: 64, burst: 64, succeeded: 64, flags: 64, gated: 4096 },
  /** As many as can be in time together, by `ReportRules`, and more. */
  reports: 64,
} as const;

/** The number of a detector's flag in event ids; its containment change has the next one. */
export const FlagNumber: { readonly [D in Detector]: number } = {
  rate: 0,
  novelty: 2,
  'irreversible-burst': 4,
  'intent-id-reused': 7,
};

const DELETE_WORDS: ReadonlySet<string> = new Set([
  ...['delete', 'del', 'drop', 'truncate', 'remove', 'rm', 'purge', 'destroy', 'wipe', 'erase', 'shred'],
  ...['unlink', 'revoke', 'terminate', 'kill', 'uninstall', 'format', 'reset', 'overwrite', 'prune'],
]);

/** The words of an operation name: split at `.`, `_`, `-` and at capitals. */
const words = (operation: string): readonly string[] =>
  operation
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[._-]+/);

/** Whether an operation's name says that something goes away. */
export const isDeleteLike = (operation: string): boolean =>
  words(operation).some((word) => DELETE_WORDS.has(word));

/**
 * The class of a resource: its last segment, and every segment with a digit in it, become `*`. `db:shop/orders/17` and
 * `db:shop/orders/18` are of the class `db:shop/orders/*`.
 */
export const resourceClass = (resource: string): string => {
  const parts = resource.split(/([/:])/);
  const last = parts.length - 1;
  return parts
    .map((part, i) => {
      const separator = i % 2 === 1;
      return !separator && ((i === last && last > 0) || /\d/.test(part)) ? '*' : part;
    })
    .join('');
};
