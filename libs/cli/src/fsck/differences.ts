// Owns what differs and where, as it is told: at most a hundred of a kind, all of them counted. It never holds content.

/**
 * - `gap`: the ledger lacks messages; `mark`: a service knew another ledger;
 * - `read-model-missing`, `read-model-extra`: a message that only one of both has; `read-model-altered`: both have it, not the same;
 *   `read-model-head`: its checkpoint names another message;
 * - `checkpoint`: a checkpoint that is not of this ledger's tree.
 */
export type DifferenceKind =
  | 'gap'
  | 'mark'
  | 'read-model-missing'
  | 'read-model-extra'
  | 'read-model-altered'
  | 'read-model-head'
  | 'checkpoint';

/** `where`: the part that differs; `seq`: the first place, null where there is none. */
export type Difference = {
  readonly kind: DifferenceKind;
  readonly where: string;
  readonly seq: number | null;
  readonly what: string;
};

/** Collects differences. */
export interface Differences {
  add(difference: Difference): void;
  /** The first hundred of each kind, in the order in which they were found. */
  readonly shown: readonly Difference[];
  /** All of them, by kind. */
  readonly counts: Readonly<Partial<Record<DifferenceKind, number>>>;
}

const MOST = 100;

export const collectDifferences = (): Differences => {
  const shown: Difference[] = [];
  const counts: Partial<Record<DifferenceKind, number>> = {};
  return {
    shown,
    counts,
    add: (difference) => {
      const count = (counts[difference.kind] ?? 0) + 1;
      counts[difference.kind] = count;
      if (count <= MOST) shown.push(difference);
    },
  };
};
