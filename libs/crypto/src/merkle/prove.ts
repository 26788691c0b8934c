// Makes inclusion and consistency proofs from stored nodes. A proof is only as right as the nodes: whoever gets it verifies it.
import type { TreeHash } from './hash.js';
import { consistencySpans, inclusionSpans, type NodeSource, type Span, spanHash } from './subtrees.js';

const hashesOf = (spans: readonly Span[], nodes: NodeSource): Promise<readonly TreeHash[]> =>
  Promise.all(spans.map((span) => spanHash(span, nodes)));

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

/** The audit path of leaf `index` (from 0) in the tree of `size` leaves. RangeError when there is no such leaf. */
export const proveInclusion = (
  index: number,
  size: number,
  nodes: NodeSource,
): Promise<readonly TreeHash[]> => {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw new RangeError('no such leaf in a tree of this size');
  return hashesOf(inclusionSpans(index, size), nodes);
};

/** That the tree of `from` leaves is a prefix of that of `to` leaves. RangeError when `from` is larger. */
export const proveConsistency = (
  from: number,
  to: number,
  nodes: NodeSource,
): Promise<readonly TreeHash[]> => {
  if (!isCount(from) || !isCount(to) || from > to)
    throw new RangeError('no such prefix of a tree of this size');
  return hashesOf(consistencySpans(from, to), nodes);
};
