// Whether what Postgres holds is what was signed last. Whoever can write there can change everything in it, so that it fits itself proves
// nothing: only a text under our signature does, or the ledger.
import {
  headLeaves,
  headsRootOf,
  isCompactRange,
  type NamedHead,
  rootOf,
  sameHash,
  verifyInclusion,
} from '@writ/crypto';
import type { KeptSeals, SealReader, SealState } from '@writ/runtime';
import { type SignedCheckpoint, textOf } from './notes.js';
import type { Mark } from './opening.js';

/** `mark`: the last sealed message, its leaf shown under the signed root. `misfit`: why the state must be made again from the ledger. */
export type KeptJudgement = { readonly mark: Mark } | { readonly misfit: string };

// A leaf is a text of lines and words: a name with a line or a word in it could spell the leaf of another one.
const WORD = /^[^\s]+$/;
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

const fits = (heads: readonly NamedHead[], { headsRoot }: SealState): boolean =>
  heads.every(isPlain) && sameHash(headsRootOf(headLeaves(heads)), headsRoot);

const isLast = (heads: readonly NamedHead[], { subject, range }: SealState): boolean =>
  heads.some(
    ({ name, lastSeq }) => name.kind === 'subject' && name.subject === subject && lastSeq === range.size,
  );

/** The tiles at the right edge, by which the tree grows, are those of the signed root; so is the leaf of the last message. */
const markFrom = async (reader: SealReader, { range, subject }: SealState): Promise<Mark | undefined> => {
  const { size } = range;
  const root = rootOf(range);
  if (!sameHash(await reader.root(size), root)) return undefined;
  const leaf = await reader.leaf(size);
  const proof = await reader.inclusion(size, size);
  return verifyInclusion({ leaf, index: size - 1, size, root }, proof)
    ? { seq: size, subject, leaf }
    : undefined;
};

/** `last`: the largest texts signed, proven to be ours; none when there is none. */
export const judgeKept = async (
  reader: SealReader,
  { state, heads }: KeptSeals,
  last: readonly SignedCheckpoint[],
): Promise<KeptJudgement> => {
  if (state === undefined) return { misfit: 'there is no state' };
  if (!isCompactRange(state.range)) return { misfit: 'the state is no tree' };
  if (last.length === 0) return { misfit: `nothing of size ${state.range.size} was signed` };
  const text = textOf(state);
  if (last.some((signed) => signed.text !== text))
    return { misfit: `the state of size ${state.range.size} is not what was signed last` };
  if (!fits(heads, state)) return { misfit: 'the heads give another root' };
  if (!isLast(heads, state)) return { misfit: 'the last message is of another subject' };
  const mark = await markFrom(reader, state).catch(() => undefined);
  return mark === undefined ? { misfit: 'the tiles give another root' } : { mark };
};
