// The Merkle tree over the sorted head leaves, kept by levels: a changed leaf costs its path, a new one what lies right of it.
import { EMPTY_ROOT, leafHash, nodeHash, type TreeHash } from '@writ/crypto';

/** The tree as it stands. A leaf is known by its first line, by whose bytes the leaves are sorted. */
export interface HeadsTree {
  /** Puts a leaf in its place, or replaces it. */
  put(name: string, leaf: string): void;
  root(): TreeHash;
}

type Leaf = { readonly name: string; readonly bytes: Buffer };

/** Where a name is, or belongs. */
const placeOf = (leaves: readonly Leaf[], bytes: Buffer): number => {
  let [low, high] = [0, leaves.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Buffer.compare((leaves[middle] as Leaf).bytes, bytes) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

// A lone last node is carried up as it is: that is the tree of RFC 6962.
const parent = (below: readonly TreeHash[], at: number): TreeHash => {
  const [left, right] = [below[2 * at] as TreeHash, below[2 * at + 1]];
  return right === undefined ? left : nodeHash(left, right);
};

const climb = (levels: TreeHash[][], changed: Iterable<number>, tail: number): TreeHash => {
  let dirty = new Set(changed);
  let from = tail;
  for (let level = 0; (levels[level] as TreeHash[]).length > 1; level += 1) {
    const below = levels[level] as TreeHash[];
    levels[level + 1] ??= [];
    const above = levels[level + 1] as TreeHash[];
    above.length = Math.ceil(below.length / 2);
    from >>= 1;
    dirty = new Set([...dirty].map((at) => at >> 1).filter((at) => at < from));
    for (const at of dirty) above[at] = parent(below, at);
    for (let at = from; at < above.length; at += 1) above[at] = parent(below, at);
  }
  return levels.find((nodes) => nodes.length === 1)?.[0] as TreeHash;
};

/** An empty tree. What is put is hashed when the root is asked for. */
export const createHeadsTree = (): HeadsTree => {
  let leaves: Leaf[] = [];
  const levels: TreeHash[][] = [[]];
  const pending = new Map<string, string>();

  /** Makes room for the names that are new; the first place that moved, or the end. */
  const insert = (names: readonly string[]): number => {
    const fresh = names
      .map((name) => ({ name, bytes: Buffer.from(name) }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    const first = fresh[0];
    if (first === undefined) return leaves.length;
    const at = placeOf(leaves, first.bytes);
    const [left, right] = [leaves.slice(0, at), leaves.slice(at)];
    const hashes = new Map(right.map((leaf, n) => [leaf, (levels[0] as TreeHash[])[at + n] as TreeHash]));
    const moved = [...right, ...fresh].sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    leaves = [...left, ...moved];
    (levels[0] as TreeHash[]).length = at;
    for (const leaf of moved) (levels[0] as TreeHash[]).push(hashes.get(leaf) ?? EMPTY_ROOT);
    return at;
  };
  const has = (name: string): boolean => leaves[placeOf(leaves, Buffer.from(name))]?.name === name;

  return {
    put: (name, leaf) => void pending.set(name, leaf),
    root: () => {
      const tail = insert([...pending.keys()].filter((name) => !has(name)));
      const changed = [...pending].map(([name, leaf]) => {
        const at = placeOf(leaves, Buffer.from(name));
        (levels[0] as TreeHash[])[at] = leafHash(leaf);
        return at;
      });
      pending.clear();
      if (leaves.length === 0) return EMPTY_ROOT;
      return climb(levels, changed, tail);
    },
  };
};
