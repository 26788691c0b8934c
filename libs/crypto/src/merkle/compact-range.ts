// The frontier of a growing tree: the roots of its full subtrees, enough to append and to tell the root. It keeps no leaves.
import { EMPTY_ROOT, nodeHash, type TreeHash } from './hash.js';

/** `hashes`: the roots of the full subtrees from the left, the largest first; one for every 1 in the binary form of `size`. */
export type CompactRange = { readonly size: number; readonly hashes: readonly TreeHash[] };

/** A node that an append completed: the root of leaves `index * 2^level` up to the next such. Level 0 is the leaf itself. */
export type TreeNode = { readonly level: number; readonly index: number; readonly hash: TreeHash };

export const EMPTY_RANGE: CompactRange = { size: 0, hashes: [] };

/** Appends leaf hashes; `onNode` hears of each node that is complete from now on, leaves included, in the order of completion. */
export const appendLeaves = (
  range: CompactRange,
  leaves: Iterable<TreeHash>,
  onNode: (node: TreeNode) => void = () => undefined,
): CompactRange => {
  const hashes = [...range.hashes];
  let size = range.size;
  for (const leaf of leaves) {
    let hash = leaf;
    let index = size;
    onNode({ level: 0, index, hash });
    for (let level = 1; index % 2 === 1; level += 1) {
      hash = nodeHash(hashes.pop() as TreeHash, hash);
      index = (index - 1) / 2;
      onNode({ level, index, hash });
    }
    hashes.push(hash);
    size += 1;
  }
  return { size, hashes };
};

/** The root of the tree so far (RFC 9162 §2.1.1). */
export const rootOf = ({ hashes }: CompactRange): TreeHash =>
  hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right));

/** The root over leaf hashes that are all at hand. */
export const rootOfLeaves = (leaves: Iterable<TreeHash>): TreeHash =>
  rootOf(appendLeaves(EMPTY_RANGE, leaves));

/** Whether a range read from storage has one hash of 32 bytes per full subtree. */
export const isCompactRange = ({ size, hashes }: CompactRange): boolean => {
  if (!Number.isSafeInteger(size) || size < 0) return false;
  const ones = [...size.toString(2)].filter((digit) => digit === '1').length;
  return hashes.length === ones && hashes.every((hash) => hash.length === 32);
};
