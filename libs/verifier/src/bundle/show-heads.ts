// Picks the leaves of the heads tree that show what a bundle must show: the named ones, neighbours where there is none.
import { headLeaves, leafHash, type NamedHead, proveInclusion } from '@writ/crypto';
import { nameOfLeaf, type ShownHeads } from './heads-file.js';
import { createMemoryTree } from './memory-tree.js';

const before = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

/** The places that show this name: its own, else those between which it would stand. */
const placesFor = (names: readonly string[], name: string): readonly number[] => {
  const own = names.indexOf(name);
  if (own >= 0) return [own];
  const above = names.findIndex((other) => before(name, other));
  const place = above < 0 ? names.length : above;
  return [place - 1, place].filter((index) => index >= 0 && index < names.length);
};

/** The leaves that show the heads of these names, with their proofs. */
export const showHeads = async (
  heads: readonly NamedHead[],
  wanted: readonly string[],
): Promise<ShownHeads> => {
  const texts = headLeaves(heads);
  const names = texts.map(nameOfLeaf);
  const tree = createMemoryTree();
  for (const text of texts) tree.append(leafHash(text));
  const places = [...new Set(wanted.flatMap((name) => placesFor(names, name)))].sort((a, b) => a - b);
  const leaves = await Promise.all(
    places.map(async (index) => ({
      index,
      text: texts[index] as string,
      hashes: await proveInclusion(index, texts.length, tree.nodes),
    })),
  );
  return { size: texts.length, leaves };
};
