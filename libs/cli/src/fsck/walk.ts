// Owns one walk over the whole ledger: every message, every gap, the tree that grows with it. It verifies no signature.
import {
  appendLeaves,
  type CompactRange,
  EMPTY_RANGE,
  hashText,
  ledgerLeafHash,
  rootOf,
  type TreeHash,
} from '@writ/crypto';
import type { StoredMessage } from '@writ/ledger';
import type { LedgerReader } from '../reading/reader.js';

/** A message, or the sequences (both inclusive) that the ledger does not hold. */
export type Step =
  | { readonly kind: 'message'; readonly message: StoredMessage }
  | { readonly kind: 'gap'; readonly from: number; readonly to: number };

const isGap = (error: unknown): boolean => (error as { readonly code?: unknown }).code === 'WRIT-LED-006';

async function* run(reader: LedgerReader, from: number, end: number): AsyncIterable<StoredMessage> {
  const enough = new AbortController();
  try {
    for await (const message of reader.ledger.read(from, { signal: enough.signal })) {
      yield message;
      if (message.seq >= end) return;
    }
  } catch (error) {
    if (!isGap(error)) throw error;
  } finally {
    enough.abort();
  }
}

/** The ledger from 1 to `end`, in order; what is missing is a step of its own. */
export async function* walk(reader: LedgerReader, end: number): AsyncIterable<Step> {
  for (let next = 1; next <= end; ) {
    const there = (await reader.after(next - 1))?.seq ?? end + 1;
    if (there > next) yield { kind: 'gap', from: next, to: Math.min(there - 1, end) };
    next = there;
    if (next > end) return;
    for await (const message of run(reader, next, end)) {
      yield { kind: 'message', message };
      next = message.seq + 1;
    }
  }
}

/** What the tree must be remembered for: its root at these sizes, the leaves of these messages. */
export type Wanted = { readonly sizes: ReadonlySet<number>; readonly leaves: ReadonlySet<number> };

/** The tree of what was walked. A gap ends it: what is behind has no place that could be computed. */
export interface Tree {
  add(step: Step): void;
  /** `undefined` beyond a gap or the end, and for sizes that were not wanted. */
  rootAt(size: number): TreeHash | undefined;
  /** Standard base64; `undefined` when there is no such message, or it was not wanted. */
  leafOf(seq: number): string | undefined;
  /** Size and root as of now; a gap behind it is not counted. */
  range(): CompactRange;
  /** The first sequence that is missing. */
  brokenAt(): number | undefined;
}

export const growTree = ({ sizes, leaves }: Wanted): Tree => {
  const roots = new Map<number, TreeHash>();
  const kept = new Map<number, string>();
  let range = EMPTY_RANGE;
  let broken: number | undefined;
  if (sizes.has(0)) roots.set(0, rootOf(range));
  return {
    add: (step) => {
      if (step.kind === 'gap') {
        broken ??= step.from;
        return;
      }
      const leaf = ledgerLeafHash(step.message);
      if (leaves.has(step.message.seq)) kept.set(step.message.seq, hashText(leaf));
      if (broken !== undefined) return;
      range = appendLeaves(range, [leaf]);
      if (sizes.has(range.size)) roots.set(range.size, rootOf(range));
    },
    rootAt: (size) => roots.get(size),
    leafOf: (seq) => kept.get(seq),
    range: () => range,
    brokenAt: () => broken,
  };
};
