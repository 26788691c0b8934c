// Heads as a bundle shows them: leaves with proofs, and what they must say about the messages at hand. Absence is shown by neighbours.
import {
  hashText,
  headLeaf,
  headLeafName,
  leafHash,
  type NamedHead,
  type TreeHash,
  verifyInclusion,
} from '@writ/crypto';
import { readHashes } from './proof-lines.js';

/** A leaf of the heads tree, by its place. */
export type ShownLeaf = {
  readonly index: number;
  readonly text: string;
  readonly hashes: readonly TreeHash[];
};

/** What heads.json says. */
export type ShownHeads = { readonly size: number; readonly leaves: readonly ShownLeaf[] };

/** The text of heads.json. */
export const headsFile = ({ size, leaves }: ShownHeads): string =>
  `${JSON.stringify({ size, leaves: leaves.map((leaf) => ({ ...leaf, hashes: leaf.hashes.map(hashText) })) }, null, 1)}\n`;

type Fields = { readonly [name: string]: unknown };

const readLeaf = (value: unknown): ShownLeaf | undefined => {
  const { index, text, hashes: texts } = (value ?? {}) as Fields;
  const hashes = readHashes(texts);
  if (!Number.isSafeInteger(index) || typeof text !== 'string' || hashes === undefined) return undefined;
  return { index: index as number, text, hashes };
};

/** More than any question needs: two for each of its heads. */
const MOST_LEAVES = 64;

/** Reads heads.json; `undefined` for anything else. */
export const readHeadsFile = (text: string): ShownHeads | undefined => {
  try {
    const { size, leaves } = JSON.parse(text) as Fields;
    if (!Number.isSafeInteger(size) || !Array.isArray(leaves) || leaves.length > MOST_LEAVES)
      return undefined;
    const read = leaves.map(readLeaf);
    return read.includes(undefined) ? undefined : { size: size as number, leaves: read as ShownLeaf[] };
  } catch {
    return undefined;
  }
};

/** Whether every leaf is in the tree of heads. */
export const leavesHold = ({ size, leaves }: ShownHeads, root: TreeHash): boolean =>
  leaves.every(({ index, text, hashes }) =>
    verifyInclusion({ leaf: leafHash(text), index, size, root }, hashes),
  );

/** The name of a leaf: its first line. */
export const nameOfLeaf = (text: string): string => text.slice(0, text.indexOf('\n'));

const before = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

/** Whether two neighbours, or an end, show that there is no leaf of this name. */
const isShownAbsent = ({ size, leaves }: ShownHeads, name: string): boolean => {
  const below = leaves.filter(({ text }) => before(nameOfLeaf(text), name)).map(({ index }) => index);
  const above = leaves.filter(({ text }) => before(name, nameOfLeaf(text))).map(({ index }) => index);
  if (below.length + above.length < leaves.length) return false;
  const lower = below.reduce((most, index) => Math.max(most, index), -1);
  const upper = above.reduce((least, index) => Math.min(least, index), size);
  return leaves.length > 0 && upper === lower + 1;
};

/** What one name must be: the heads computed from the messages at hand, none when they hold nothing of it. */
export type RequiredHead = { readonly name: string; readonly heads: readonly NamedHead[] };

/** The heads of this name among all. */
export const requiredHead = (name: string, all: readonly NamedHead[]): RequiredHead => ({
  name,
  heads: all.filter((head) => headLeafName(head.name) === name),
});

/** Why the messages at hand are not all of this name; `undefined` when they are. */
export const headFault = (shown: ShownHeads, { name, heads }: RequiredHead): string | undefined => {
  if (heads.length === 0) return isShownAbsent(shown, name) ? undefined : `${name}: not shown to be empty`;
  const leaf = shown.leaves.find(({ text }) => nameOfLeaf(text) === name);
  if (leaf === undefined) return `${name}: not shown`;
  return leaf.text === headLeaf(heads) ? undefined : `${name}: other messages are counted than are here`;
};
