// The heads of a ledger: how many messages of each subject and of each agent there are, and a running digest of them. With the
// tree over these leaves "everything about this agent" can be shown complete. It verifies no signature.
import type { AgentScope, Digest } from '@writ/contracts';
import { toBase64url } from '../base64url.js';
import { link, ZERO_DIGEST } from '../digest.js';
import { rootOfLeaves } from '../merkle/compact-range.js';
import { leafHash, type TreeHash } from '../merkle/hash.js';

/** One head: messages counted, the sequence of the last, and h(n) = SHA-256(h(n-1) || leaf hash(n)), from 32 zero bytes on. */
export type LedgerHead = { readonly count: number; readonly lastSeq: number; readonly head: Digest };

/** What a head counts: all messages of a subject; those of it that name no agent; those of it that name this agent. */
export type HeadName =
  | { readonly kind: 'subject' | 'rest'; readonly subject: string }
  | { readonly kind: 'agent'; readonly agent: AgentScope; readonly subject: string };

/** A head with its name. */
export type NamedHead = LedgerHead & { readonly name: HeadName };

/** Before the first message. */
export const EMPTY_HEAD: LedgerHead = { count: 0, lastSeq: 0, head: ZERO_DIGEST };

/** The head after one more message, by the hash of its leaf in the ledger's tree. */
export const nextHead = ({ count, head }: LedgerHead, seq: number, leaf: TreeHash): LedgerHead => ({
  count: count + 1,
  lastSeq: seq,
  head: link(head, toBase64url(leaf)),
});

/** The two heads that a message moves: that of its subject, and that of its agent there or of the rest. */
export const headNamesOf = (
  subject: string,
  agent: AgentScope | undefined,
): readonly [HeadName, HeadName] => [
  { kind: 'subject', subject },
  agent === undefined ? { kind: 'rest', subject } : { kind: 'agent', agent, subject },
];

/** The first line of the leaf in which a head stands, without its line feed: what the leaves are sorted by. */
export const headLeafName = (name: HeadName): string =>
  name.kind === 'agent' ? `agent ${name.agent}` : `${name.kind} ${name.subject}`;

const numbers = ({ count, lastSeq, head }: LedgerHead): string => `${count} ${lastSeq} ${head}`;

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The leaf of one subject or its rest: two lines. */
const plainLeaf = (head: NamedHead): string => `${headLeafName(head.name)}\n${numbers(head)}\n`;

const agentLeaf = (agent: AgentScope, heads: readonly NamedHead[]): string => {
  const lines = heads.map((head) => `${head.name.subject} ${numbers(head)}\n`).sort(byBytes);
  return `agent ${agent}\n${lines.join('')}`;
};

/** The leaf that holds the heads of one name: all of one agent, or the single one of a subject or rest. */
export const headLeaf = (heads: readonly NamedHead[]): string => {
  const [first] = heads;
  if (first === undefined) throw new RangeError('a leaf has a head');
  return first.name.kind === 'agent' ? agentLeaf(first.name.agent, heads) : plainLeaf(first);
};

/** All leaves as texts, sorted by their first line in the order of its UTF-8 bytes. Heads that count nothing have none. */
export const headLeaves = (heads: Iterable<NamedHead>): readonly string[] => {
  const leaves = new Map<string, NamedHead[]>();
  for (const head of heads) {
    if (head.count === 0) continue;
    const name = headLeafName(head.name);
    const of = leaves.get(name);
    if (of === undefined) leaves.set(name, [head]);
    else of.push(head);
  }
  return [...leaves].sort(([a], [b]) => byBytes(a, b)).map(([, of]) => headLeaf(of));
};

/** The root of the tree over the leaves: what the checkpoint's line `heads` holds in base64. */
export const headsRootOf = (leaves: readonly string[]): TreeHash => rootOfLeaves(leaves.map(leafHash));
