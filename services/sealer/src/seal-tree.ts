// The ledger's tree as the sealer grows it: leaves, tiles, heads. It verifies no signature, reads nothing and writes nothing.
import {
  appendLeaves,
  type CompactRange,
  EMPTY_HEAD,
  EMPTY_RANGE,
  type HeadName,
  hashText,
  headLeaf,
  headLeafName,
  headNamesOf,
  ledgerLeafHash,
  messageAgent,
  type NamedHead,
  nextHead,
  rootOf,
  type TreeHash,
} from '@writ/crypto';
import type { StoredMessage } from '@writ/ledger';
import { growTiles, type KeptSeals, type SealStep } from '@writ/runtime';
import { createHeadsTree } from './heads-tree.js';

/** A growing tree. */
export interface SealTree {
  readonly size: () => number;
  /** Leaves taken since the last step. */
  readonly pending: () => number;
  /** The next message. RangeError unless it is exactly the next. */
  take(message: StoredMessage): void;
  /** The root of the heads as of the last step, in base64. */
  readonly headsRoot: () => string;
  /** What has changed since the last step; the next one begins here. */
  step(): SealStep;
}

/** The root of a step's tree. */
export const rootOfStep = ({ state }: SealStep): TreeHash => rootOf(state.range);

const AGENT = Buffer.from('"agent":');

// Most of the cost of a message would be this parse, and a message without the member has no agent.
const agentOf = (message: StoredMessage): string | undefined =>
  Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength).includes(AGENT)
    ? messageAgent(message)
    : undefined;

const keyOf = (name: HeadName): string => `${headLeafName(name)}\n${name.subject}`;

/** Heads by leaf: an agent's leaf has one for each subject, the others have one. */
const growHeads = (kept: readonly NamedHead[]) => {
  const leaves = new Map<string, Map<string, NamedHead>>();
  const tree = createHeadsTree();
  let changed = new Map<string, NamedHead>();
  const set = (head: NamedHead): void => {
    const name = headLeafName(head.name);
    const leaf = leaves.get(name) ?? new Map<string, NamedHead>();
    leaves.set(name, leaf.set(head.name.subject, head));
    changed.set(keyOf(head.name), head);
  };
  const update = (): void => {
    for (const name of new Set([...changed.values()].map((head) => headLeafName(head.name))))
      tree.put(name, headLeaf([...(leaves.get(name) as Map<string, NamedHead>).values()]));
  };
  for (const head of kept) set(head);
  update();
  changed = new Map();
  return {
    root: () => hashText(tree.root()),
    take: (message: StoredMessage, leaf: TreeHash): void => {
      for (const name of headNamesOf(message.subject, agentOf(message))) {
        const before = leaves.get(headLeafName(name))?.get(name.subject) ?? EMPTY_HEAD;
        set({ name, ...nextHead(before, message.seq, leaf) });
      }
    },
    step: () => {
      update();
      const heads = [...changed.values()];
      changed = new Map();
      return { heads, headsRoot: tree.root() };
    },
  };
};

/** Goes on from what was kept, or begins before the first message. */
export const openSealTree = (
  origin: string,
  kept?: Pick<KeptSeals, 'state' | 'tiles' | 'heads'>,
): SealTree => {
  let range: CompactRange = kept?.state?.range ?? EMPTY_RANGE;
  let from = range.size;
  let last: StoredMessage | undefined;
  const tiles = growTiles(range.size, kept?.tiles);
  const heads = growHeads(kept?.heads ?? []);
  return {
    size: () => range.size,
    pending: () => range.size - from,
    headsRoot: heads.root,
    take: (message) => {
      if (message.seq !== range.size + 1) throw new RangeError('not the next message of the ledger');
      const leaf = ledgerLeafHash(message);
      range = appendLeaves(range, [leaf], tiles.take);
      heads.take(message, leaf);
      last = message;
    },
    step: () => {
      if (last === undefined) throw new RangeError('nothing has been taken');
      const { time, subject } = last;
      const { heads: changed, headsRoot } = heads.step();
      const step = {
        from,
        state: { origin, range, headsRoot, time, subject },
        tiles: tiles.changed(),
        heads: changed,
      };
      from = range.size;
      return step;
    },
  };
};
