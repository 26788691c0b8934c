// Where a path of a YAML or JSON document stands in its text: line and column, from the syntax tree.
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import type { DocumentPath } from './finding.js';

/** A place in a text, both from 1. */
export type Place = { readonly line: number; readonly column: number };

type Held = { readonly node: Node | undefined; readonly key: Node | undefined };

const child = (node: unknown, part: string | number): Held | undefined => {
  if (isSeq(node) && typeof part === 'number') {
    const item = node.items[part] as Node | undefined;
    return item === undefined ? undefined : { node: item, key: undefined };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((p: Pair) => isScalar(p.key) && String(p.key.value) === String(part));
  return pair === undefined ? undefined : { node: pair.value as Node | undefined, key: pair.key as Node };
};

/** The deepest node of the path that the document has: the value, or the key where `atKey`. */
const deepest = (document: Document.Parsed, path: DocumentPath, atKey: boolean): Node | undefined => {
  let held: Held = { node: document.contents as Node | undefined, key: undefined };
  for (const [n, part] of path.entries()) {
    const next = child(held.node, part);
    if (next === undefined) break;
    if (atKey && n === path.length - 1) return next.key ?? next.node;
    held = { node: next.node ?? next.key, key: next.key };
  }
  return held.node;
};

const BLOCKS: readonly string[] = ['BLOCK_LITERAL', 'BLOCK_FOLDED'];

/** The text offset of a character within a scalar: exact for one-line scalars and plain block scalars. */
const within = (text: string, scalar: Scalar, offset: number): number => {
  const start = scalar.range?.[0] ?? 0;
  if (!BLOCKS.includes(scalar.type ?? '')) return start + (scalar.type === 'PLAIN' ? 0 : 1) + offset;
  let at = text.indexOf('\n', start) + 1;
  const indent = /^ */.exec(text.slice(at))?.[0].length ?? 0;
  for (let left = offset; ; ) {
    const end = text.indexOf('\n', at);
    const length = (end === -1 ? text.length : end) - at - indent;
    if (left <= length || end === -1) return at + indent + left;
    left -= length + 1;
    at = end + 1;
  }
};

/** Where a path stands. `offset` moves into the string there; `atKey` asks for the key instead of the value. */
export const locate = (
  text: string,
  document: Document.Parsed,
  lines: LineCounter,
  path: DocumentPath,
  how: { readonly offset?: number | undefined; readonly atKey?: boolean } = {},
): Place => {
  const node = deepest(document, path, how.atKey === true);
  const start = node?.range?.[0] ?? 0;
  const at = how.offset !== undefined && isScalar(node) ? within(text, node, how.offset) : start;
  const { line, col } = lines.linePos(at);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
};
