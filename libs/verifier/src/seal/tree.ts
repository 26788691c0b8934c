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
export type TreeAt = { readonly root: TreeHash; readonly time: string };

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
  /** The heads root at the size for which it was asked. */
  headsRoot(): TreeHash | undefined;
}

/** Watches a tree from leaf `from.size` on. `sizes`: where its root is wanted; `headsAt`: where the heads are. */
export const watchTree = (
  sizes: Iterable<number>,
  headsAt: number | undefined,
  from: CompactRange = EMPTY_RANGE,
): WatchedTree => {
  const wanted = new Set(sizes);
  const kept = new Map<number, TreeAt>();
  const heads: RunningHeads | undefined = headsAt === undefined ? undefined : createHeads();
  let range = from;
  let headsRoot: TreeHash | undefined;
  const keepHeads = (): void => {
    if (range.size === headsAt && heads !== undefined) headsRoot = headsRootOf(headLeaves(heads.all()));
  };
  const keep = (time: string): void => {
    if (wanted.has(range.size)) kept.set(range.size, { root: rootOf(range), time });
    keepHeads();
  };
  keep('');
  return {
    take: ({ seq, subject, time, agent, leaf }) => {
      range = appendLeaves(range, [leaf]);
      if (headsAt !== undefined && range.size <= headsAt) heads?.take(subject, agent, seq, leaf);
      keep(time);
    },
    get size() {
      return range.size;
    },
    get root() {
      return rootOf(range);
    },
    at: (size) => kept.get(size),
    headsRoot: () => headsRoot,
  };
};
