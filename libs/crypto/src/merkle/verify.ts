// Verifies inclusion and consistency proofs, step by step as RFC 9162 §2.1.3.2 and §2.1.4.2 write them. Total: never throws.
import { HASH_BYTES, nodeHash, sameHash, type TreeHash } from './hash.js';

/** A leaf's place: its hash, its index from 0, the size and root of the tree. */
export type Inclusion = {
  readonly leaf: TreeHash;
  readonly index: number;
  readonly size: number;
  readonly root: TreeHash;
};

/** Two trees of which the first must be a prefix of the second. */
export type Consistency = {
  readonly from: number;
  readonly fromRoot: TreeHash;
  readonly to: number;
  readonly toRoot: TreeHash;
};

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const areHashes = (hashes: readonly TreeHash[]): boolean =>
  hashes.every((hash) => hash.length === HASH_BYTES);
const half = (n: number): number => Math.floor(n / 2);

/** Whether the leaf is in the tree. */
export const verifyInclusion = (
  { leaf, index, size, root }: Inclusion,
  proof: readonly TreeHash[],
): boolean => {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = nodeHash(hash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameHash(hash, root);
};

// The proof begins with the root of the smaller tree, unless that is a complete subtree and known to the verifier.
const withFirst = (from: number, fromRoot: TreeHash, proof: readonly TreeHash[]): readonly TreeHash[] =>
  Number.isInteger(Math.log2(from)) ? [fromRoot, ...proof] : proof;

const joins = ({ from, fromRoot, to, toRoot }: Consistency, proof: readonly TreeHash[]): boolean => {
  const [first, ...rest] = withFirst(from, fromRoot, proof);
  if (first === undefined) return false;
  let [at, last] = [from - 1, to - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [before, after] = [first, first];
  for (const node of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      before = nodeHash(node, before);
      after = nodeHash(node, after);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else after = nodeHash(after, node);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameHash(before, fromRoot) && sameHash(after, toRoot);
};

/**
 * Whether the first tree is a prefix of the second. Trees of equal size need equal roots and an empty proof. Nothing is shown about
 * a tree without leaves, which is a prefix of every other: `from` 0 is refused, and is the caller's to judge.
 */
export const verifyConsistency = (trees: Consistency, proof: readonly TreeHash[]): boolean => {
  const { from, to, fromRoot, toRoot } = trees;
  if (!isCount(from) || !isCount(to) || from === 0 || from > to) return false;
  if (from === to) return proof.length === 0 && sameHash(fromRoot, toRoot);
  return proof.length > 0 && areHashes([fromRoot, toRoot, ...proof]) && joins(trees, proof);
};
