// Whether a checkpoint may be cosigned: known log, its signature, and the tree only grown since the last time. Pure, and total.
import {
  type Checkpoint,
  EMPTY_ROOT,
  sameHash,
  type TreeHash,
  verifyConsistency,
  verifyNote,
} from '@writ/crypto';
import type { KnownLog } from './files.js';
import type { Remembered } from './memory.js';
import type { Submission } from './request.js';

/** `conflict`: 409, with the size that was cosigned last. */
export type Judgement =
  | { readonly kind: 'cosign' }
  | { readonly kind: 'conflict'; readonly size: number }
  | { readonly kind: 'refuse'; readonly status: 400 | 403 | 404 | 422 };

const refuse = (status: 400 | 403 | 404 | 422): Judgement => ({ kind: 'refuse', status });

// Every tree continues the empty one, and there is nothing to prove.
const continues = (
  fromRoot: TreeHash,
  from: number,
  { size, root }: Checkpoint,
  proof: readonly TreeHash[],
): boolean =>
  from === 0 ? proof.length === 0 : verifyConsistency({ from, fromRoot, to: size, toRoot: root }, proof);

/** Judges in the order of the specification. `last`: what was cosigned last for this origin. */
export const judge = (
  { old, proof, note, checkpoint }: Submission,
  log: KnownLog | undefined,
  last: Pick<Remembered, 'checkpoint' | 'text'> | undefined,
): Judgement => {
  if (log === undefined) return refuse(404);
  const verdict = verifyNote(note, log.keys);
  if (!verdict.ok || verdict.signers.length === 0) return refuse(403);
  if (old > checkpoint.size) return refuse(400);
  const { size, root } = last?.checkpoint ?? { size: 0, root: EMPTY_ROOT };
  if (old !== size) return { kind: 'conflict', size };
  // One size has one text: another root, or other lines beside the same one, would be a second history.
  if (
    size === checkpoint.size &&
    (last === undefined ? !sameHash(root, checkpoint.root) : last.text !== note.text)
  )
    return { kind: 'conflict', size };
  return continues(root, size, checkpoint, proof) ? { kind: 'cosign' } : refuse(422);
};
