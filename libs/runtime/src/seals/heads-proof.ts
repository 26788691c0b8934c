// Shows the head of one agent under the root of a checkpoint's heads, or that there is none: by its two neighbours. It verifies nothing.
import type { AgentScope } from '@writ/contracts';
import {
  appendLeaves,
  EMPTY_RANGE,
  headLeaves,
  leafHash,
  type NamedHead,
  proveInclusion,
  rootOf,
  type TreeHash,
} from '@writ/crypto';

/** A leaf of the heads' tree with its place and its audit path. `leaf` is the text that is hashed. */
export type ProvedHead = {
  readonly leaf: string;
  readonly index: number;
  readonly proof: readonly TreeHash[];
};

/**
 * `found`: the agent's leaf. Where it is absent, the leaves before and after the place where it would stand; the one before is missing
 * when it would be the first. `leaves`: how many the tree has.
 */
export type AgentHead = {
  readonly root: TreeHash;
  readonly leaves: number;
  readonly found?: ProvedHead;
  readonly before?: ProvedHead;
  readonly after?: ProvedHead;
};

const nameOf = (leaf: string): Buffer => Buffer.from(leaf.slice(0, leaf.indexOf('\n')));

/** From all heads of one checkpoint (`SealReader.heads`). */
export const proveAgentHead = async (heads: readonly NamedHead[], agent: AgentScope): Promise<AgentHead> => {
  const leaves = headLeaves(heads);
  const nodes = new Map<string, TreeHash>();
  const range = appendLeaves(EMPTY_RANGE, leaves.map(leafHash), ({ level, index, hash }) =>
    nodes.set(`${level}/${index}`, hash),
  );
  const prove = async (index: number): Promise<ProvedHead | undefined> => {
    const leaf = leaves[index];
    if (leaf === undefined) return undefined;
    const node = (level: number, at: number): TreeHash => nodes.get(`${level}/${at}`) as TreeHash;
    return { leaf, index, proof: await proveInclusion(index, leaves.length, node) };
  };
  const wanted = Buffer.from(`agent ${agent}`);
  const place = leaves.findIndex((leaf) => Buffer.compare(nameOf(leaf), wanted) >= 0);
  const at = place < 0 ? leaves.length : place;
  const all = { root: rootOf(range), leaves: leaves.length };
  const here = await prove(at);
  if (here !== undefined && nameOf(here.leaf).equals(wanted)) return { ...all, found: here };
  const before = await prove(at - 1);
  return { ...all, ...(before && { before }), ...(here && { after: here }) };
};
