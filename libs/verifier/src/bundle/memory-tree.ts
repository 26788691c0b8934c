// A whole Merkle tree in memory, for whoever makes proofs from a full read: 64 bytes a message. It keeps no message.
import { appendLeaves, EMPTY_RANGE, type NodeSource, rootOf, type TreeHash } from '@writ/crypto';

const HASH = 32;
const FIRST = 1024;

/** A tree that grows by leaves and gives its nodes. */
export interface MemoryTree {
  append(leaf: TreeHash): void;
  readonly size: number;
  readonly root: TreeHash;
  readonly nodes: NodeSource;
}

/** One level of nodes, in a buffer that doubles. */
const createLevel = () => {
  let hashes = Buffer.alloc(FIRST * HASH);
  return {
    set: (index: number, hash: TreeHash): void => {
      if ((index + 1) * HASH > hashes.length) hashes = Buffer.concat([hashes, Buffer.alloc(hashes.length)]);
      hashes.set(hash, index * HASH);
    },
    at: (index: number): TreeHash => hashes.subarray(index * HASH, (index + 1) * HASH),
  };
};

/** Creates an empty tree. */
export const createMemoryTree = (): MemoryTree => {
  const levels: ReturnType<typeof createLevel>[] = [];
  let range = EMPTY_RANGE;
  return {
    append: (leaf) => {
      range = appendLeaves(range, [leaf], ({ level, index, hash }) => {
        levels[level] ??= createLevel();
        levels[level]?.set(index, hash);
      });
    },
    get size() {
      return range.size;
    },
    get root() {
      return rootOf(range);
    },
    nodes: (level, index) => {
      const found = levels[level];
      if (found === undefined) throw new RangeError('no such node');
      return found.at(index);
    },
  };
};
