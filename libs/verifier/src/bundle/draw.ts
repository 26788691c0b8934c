// Which messages a sample holds: drawn by the checkpoint's own root, so that nobody chooses them and everybody can draw again.
import { createHash } from 'node:crypto';
import type { LedgerSeq } from '@writ/contracts';
import type { TreeHash } from '@writ/crypto';

const indexAt = (root: TreeHash, counter: number, size: number): number => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(counter));
  const drawn = createHash('sha256').update(root).update(bytes).digest().readBigUInt64BE();
  return Number(drawn % BigInt(size));
};

/** `count` distinct sequences of 1 to `size` (all when there are no more), as docs/reference/bundle.md draws them. */
export const drawSample = (root: TreeHash, count: number, size: number): ReadonlySet<LedgerSeq> => {
  if (count >= size) return new Set(Array.from({ length: size }, (_, n) => n + 1));
  const drawn = new Set<LedgerSeq>();
  for (let counter = 0; drawn.size < count; counter += 1) drawn.add(indexAt(root, counter, size) + 1);
  return drawn;
};
