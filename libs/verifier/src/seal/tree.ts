// The tree of the messages that are read: its root now and at the sizes that checkpoints name, and the heads at one of them.
import type { AgentScope } from '@writ/contracts';
import {
  appendLeaves,
  type CompactRange,
  createHeads,
  EMPTY_RANGE,
  headLeaves,
  headsRootOf,
  type RunningHeads,
  rootOf,
  type TreeHash,
} from '@writ/crypto';

/** What is remembered of the tree at a size. */
export type TreeAt = {
  readonly root: TreeHash;
  readonly time: string;
  /** The root of the heads there; `undefined` where they are not computed. */
  readonly headsRoot?: TreeHash | undefined;
};

/** A leaf in its turn. */
export type Leaf = {
  readonly seq: number;
  readonly subject: string;
  readonly time: string;
  readonly agent: AgentScope | undefined;
  readonly leaf: TreeHash;
};

/** The tree of a ledger that is being read in order. */
export interface WatchedTree {
  take(leaf: Leaf): void;
  readonly size: number;
  readonly root: TreeHash;
  at(size: number): TreeAt | undefined;
}

/** Watches a tree from its beginning. `sizes`: where its root and its heads are wanted. */
export const watchTree = (sizes: Iterable<number>): WatchedTree => {
  const wanted = new Set(sizes);
  const last = [...wanted].reduce((most, size) => Math.max(most, size), 0);
  const kept = new Map<number, TreeAt>();
  const heads: RunningHeads = createHeads();
  let range: CompactRange = EMPTY_RANGE;
  const keep = (time: string): void => {
    if (!wanted.has(range.size)) return;
    const headsRoot = headsRootOf(headLeaves(heads.all()));
    kept.set(range.size, { root: rootOf(range), time, headsRoot });
  };
  keep('');
  return {
    take: ({ seq, subject, time, agent, leaf }) => {
      range = appendLeaves(range, [leaf]);
      if (range.size <= last) heads.take(subject, agent, seq, leaf);
      keep(time);
    },
    get size() {
      return range.size;
    },
    get root() {
      return rootOf(range);
    },
    at: (size) => kept.get(size),
  };
};
