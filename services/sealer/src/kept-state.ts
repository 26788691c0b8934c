// Whether what Postgres holds is what was signed last. Whoever can write there can change everything in it, so that it fits itself proves
// nothing: only a text under our signature does, or the ledger.
import { hashText, isCompactRange, type NamedHead, rootOf, sameHash, verifyInclusion } from '@writ/crypto';
import { type KeptSeals, RuntimeFault, type SealReader, type SealState } from '@writ/runtime';
import type { Mark } from './mark.js';
import { type SignedCheckpoint, textOf } from './notes.js';
import { openSealTree, type SealTree } from './seal-tree.js';

/**
 * `tree` goes on from the state, `mark` is its last message, its leaf shown under the signed root. `misfit`: why everything must be made
 * again from the ledger.
 */
export type KeptJudgement = { readonly tree: SealTree; readonly mark: Mark } | { readonly misfit: string };

// A leaf is a text of lines and words: a name with a line or a word in it could spell the leaf of another one.
const WORD = /^\S+$/;
const HEAD = /^[A-Za-z0-9_-]{43}$/;
const KINDS: readonly string[] = ['subject', 'rest', 'agent'];

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n > 0;

const isPlain = ({ name, count, lastSeq, head }: NamedHead): boolean =>
  KINDS.includes(name.kind) &&
  WORD.test(name.subject) &&
  (name.kind !== 'agent' || WORD.test(name.agent)) &&
  HEAD.test(head) &&
  isCount(count) &&
  isCount(lastSeq);

const isOfLast = ({ name, lastSeq }: NamedHead, { subject, range }: SealState): boolean =>
  name.kind === 'subject' && name.subject === subject && lastSeq === range.size;

const isSigned = (state: SealState, signed: readonly SignedCheckpoint[]): boolean => {
  if (signed.length === 0 || !isCompactRange(state.range)) return false;
  try {
    const text = textOf(state);
    return signed.every((one) => one.text === text);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

const treeOf = (kept: KeptSeals, state: SealState): SealTree | undefined => {
  if (!kept.heads.every(isPlain) || !kept.heads.some((head) => isOfLast(head, state))) return undefined;
  const tree = openSealTree(state.origin, kept);
  return tree.headsRoot() === hashText(state.headsRoot) ? tree : undefined;
};

/** The tiles at the right edge, by which the tree grows, are those of the signed root; so is the leaf of the last message. */
const markFrom = async (reader: SealReader, { range, subject }: SealState): Promise<Mark | undefined> => {
  const { size } = range;
  const root = rootOf(range);
  if (!sameHash(await reader.root(size), root)) return undefined;
  const leaf = await reader.leaf(size);
  const shown = { leaf, index: size - 1, size, root };
  return verifyInclusion(shown, await reader.inclusion(size, size))
    ? { seq: size, subject, leaf }
    : undefined;
};

const orMissing = (error: unknown): undefined => {
  if (error instanceof RuntimeFault && error.code === 'WRIT-SEA-009') return undefined;
  throw error;
};

/** `signed`: what is known of the largest size signed, each proven to be ours; empty when nothing is. */
export const judgeKept = async (
  reader: SealReader,
  kept: KeptSeals,
  signed: readonly SignedCheckpoint[],
): Promise<KeptJudgement> => {
  const { state } = kept;
  if (state === undefined) return { misfit: 'there is no state' };
  const { size } = state.range;
  if (!isSigned(state, signed)) return { misfit: `the state of size ${size} is not what was signed last` };
  const tree = treeOf(kept, state);
  if (tree === undefined) return { misfit: `the heads of size ${size} give another root` };
  const mark = await markFrom(reader, state).catch(orMissing);
  return mark === undefined ? { misfit: `the tiles of size ${size} give another root` } : { tree, mark };
};
