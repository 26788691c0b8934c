// Owns checkpoints held against the tree of the ledger as it is: origin, signature, size, root. It signs nothing.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Checkpoint,
  importPublic,
  type NoteKey,
  readCheckpoint,
  readNote,
  sameHash,
  verifyNote,
} from '@writ/crypto';
import type { RegistryState } from '@writ/domain';
import { installPaths } from '@writ/runtime';
import type { Note } from './read-model.js';
import type { Tree } from './walk.js';

/** A checkpoint as it was found; `checkpoint` is undefined for a text that is none. */
export type FoundCheckpoint = Note & { readonly checkpoint: Checkpoint | undefined };

/** The last one that the sealer keeps in its folder. Its absence is no difference: it may live on another machine. */
export const sealerNote = (home: string): readonly Note[] => {
  const file = join(installPaths(home).sealerDir, 'checkpoint.txt');
  return existsSync(file) ? [{ where: file, note: readFileSync(file, 'utf8') }] : [];
};

/** Takes the notes apart. */
export const readFound = (notes: readonly Note[]): readonly FoundCheckpoint[] =>
  notes.map((found) => ({ ...found, checkpoint: readCheckpoint(readNote(found.note)?.text ?? '') }));

/** Every sealer key that the registry has ever certified: whose signature counts when is for `writ verify`. */
export const sealerKeys = (registry: RegistryState, origin: string): readonly NoteKey[] =>
  [...registry.keys.values()]
    .filter(({ role }) => role === 'sealer')
    .map(({ x }) => ({ kind: 'log', name: origin, key: importPublic(x) }));

type Ledger = {
  readonly origin: string;
  readonly end: number;
  readonly tree: Tree;
  readonly keys: readonly NoteKey[];
};

const rootDiffers = ({ size, root }: Checkpoint, { end, tree }: Ledger): string | undefined => {
  if (size > end) return `it is of ${size} messages, the ledger ends at ${end}`;
  const ours = tree.rootAt(size);
  if (ours === undefined)
    return `the tree of ${size} cannot be computed: message ${tree.brokenAt()} is missing`;
  return sameHash(ours, root) ? undefined : `the ledger’s tree of ${size} has another root`;
};

/** Why a checkpoint is not of this ledger; `undefined` when it is. */
export const checkpointDiffers = (
  { note, checkpoint }: FoundCheckpoint,
  ledger: Ledger,
): string | undefined => {
  const read = readNote(note);
  if (checkpoint === undefined || read === undefined) return 'it is no checkpoint';
  if (checkpoint.origin !== ledger.origin) return 'it is of another ledger: its origin is not the pinned one';
  const other = rootDiffers(checkpoint, ledger);
  if (other !== undefined) return other;
  const verdict = verifyNote(read, ledger.keys);
  return verdict.ok && verdict.signers.length > 0
    ? undefined
    : 'no sealer of this registry has signed it as it stands';
};
