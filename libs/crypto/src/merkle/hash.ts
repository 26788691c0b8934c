// The two hashes of an RFC 6962 Merkle tree. Leaves and nodes can never be taken for each other: their prefixes differ.
import { createHash, hash } from 'node:crypto';

/** A 32-byte SHA-256 hash of a leaf or a node. */
export type TreeHash = Uint8Array;

export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);

/** The root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: TreeHash = hash('sha256', '', 'buffer');

/** SHA-256(0x00 || data); a string stands for its UTF-8 bytes. */
export const leafHash = (data: Uint8Array | string): TreeHash =>
  createHash('sha256').update(LEAF).update(data).digest();

const both = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** SHA-256(0x01 || left || right). Both have 32 bytes. */
export const nodeHash = (left: TreeHash, right: TreeHash): TreeHash => {
  both.set(left, 1);
  both.set(right, 1 + HASH_BYTES);
  return hash('sha256', both, 'buffer');
};

/** Whether two hashes are equal. Hashes of a public log are no secrets: time need not be constant. */
export const sameHash = (a: TreeHash, b: TreeHash): boolean => Buffer.compare(a, b) === 0;
