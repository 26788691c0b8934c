// Which subtrees a proof is made of (RFC 9162 §2.1.3.1 and §2.1.4.1), and how their hashes are found. Pure; the nodes come from a port.
import { nodeHash, type TreeHash } from './hash.js';

/** Leaves `begin` up to, not including, `end`. */
export type Span = { readonly begin: number; readonly end: number };

/** Complete nodes by level and index, as `appendLeaves` told them. */
export type NodeSource = (level: number, index: number) => TreeHash | Promise<TreeHash>;

/** The largest power of two below `n`; `n` is 2 or more. */
export const splitOf = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1);

/** The siblings on the way from leaf `index` to the root of a tree of `size` leaves, the nearest first. */
export const inclusionSpans = (index: number, size: number): readonly Span[] => {
  const spans: Span[] = [];
  for (let at: Span = { begin: 0, end: size }; at.end - at.begin > 1; ) {
    const middle = at.begin + splitOf(at.end - at.begin);
    const [left, right] = [
      { begin: at.begin, end: middle },
      { begin: middle, end: at.end },
    ];
    spans.unshift(index < middle ? right : left);
    at = index < middle ? left : right;
  }
  return spans;
};

/** The subtrees that show that the tree of `from` leaves is a prefix of that of `to` leaves; none when they are equal or `from` is 0. */
export const consistencySpans = (from: number, to: number): readonly Span[] => {
  if (from === 0 || from === to) return [];
  const spans: Span[] = [];
  let at: Span = { begin: 0, end: to };
  let whole = true;
  while (from !== at.end) {
    const middle = at.begin + splitOf(at.end - at.begin);
    if (from <= middle) {
      spans.unshift({ begin: middle, end: at.end });
      at = { begin: at.begin, end: middle };
    } else {
      spans.unshift({ begin: at.begin, end: middle });
      at = { begin: middle, end: at.end };
      whole = false;
    }
  }
  return whole ? spans : [at, ...spans];
};

/** The hash over a span that is a subtree: one node where it is complete, else the complete ones in it joined from the right. */
export const spanHash = async ({ begin, end }: Span, nodes: NodeSource): Promise<TreeHash> => {
  const length = end - begin;
  const level = Math.log2(length);
  if (Number.isInteger(level)) return nodes(level, begin / length);
  const middle = begin + splitOf(length);
  const [left, right] = await Promise.all([
    spanHash({ begin, end: middle }, nodes),
    spanHash({ begin: middle, end }, nodes),
  ]);
  return nodeHash(left, right);
};
