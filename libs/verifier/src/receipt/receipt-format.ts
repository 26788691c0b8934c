// The portable receipt as text: one action with everything that it rests on (docs/reference/bundle.md, 8). Nothing is verified here.
import { PortableReceipt as Shape } from '@writ/contracts';
import { canonicalize, frameBytes, hashText, parseCanonical, readHash, type TreeHash } from '@writ/crypto';
import type { StoredMessage } from '../message.js';

/** A message of a receipt with its inclusion proof, nearest sibling first. */
export type ProvedMessage = StoredMessage & { readonly proof: readonly TreeHash[] };

/** A receipt taken apart. */
export type PortableReceipt = {
  readonly org: string;
  readonly origin: string;
  readonly intentId: string;
  /** The signed note. */
  readonly checkpoint: string;
  readonly messages: readonly ProvedMessage[];
};

/** How large and deep a receipt may be: its frames are nested in it. */
const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 40 } as const;

/** Whether a text looks like a portable receipt, to tell it from other files. */
export const looksLikeReceipt = (text: string): boolean =>
  text.length <= LIMITS.maxBytes && text.includes('"writ":"portable-receipt"');

const utf8 = new TextDecoder();

/** The text of a receipt, with its line feed. */
export const receiptText = ({ org, origin, intentId, checkpoint, messages }: PortableReceipt): string => {
  const hashes = [...new Set(messages.flatMap(({ proof }) => proof.map(hashText)))];
  const place = new Map(hashes.map((hash, n) => [hash, n]));
  const shown = messages.map(({ seq, time, subject, bytes, proof }) => ({
    ...{ seq, time, subject, frame: JSON.parse(utf8.decode(bytes)) as object },
    proof: proof.map((hash) => place.get(hashText(hash)) as number),
  }));
  const receipt = { writ: 'portable-receipt', version: 1, org, origin, intentId, checkpoint, hashes };
  return `${canonicalize({ ...receipt, messages: shown })}\n`;
};

const messageOf = ({ hashes }: Shape, stated: Shape['messages'][number]): ProvedMessage | undefined => {
  const { seq, time, subject, frame } = stated;
  const proof = stated.proof.map((n) => readHash(hashes[n] ?? ''));
  if (proof.includes(undefined)) return undefined;
  return { seq, time, subject, bytes: frameBytes(frame), proof: proof as TreeHash[] };
};

/** Reads a receipt; `undefined` unless it is exactly one: canonical JSON and a line feed. */
export const readReceipt = (text: string): PortableReceipt | undefined => {
  if (!text.endsWith('\n')) return undefined;
  const parsed = parseCanonical(text.slice(0, -1), LIMITS);
  const shaped = parsed.ok ? Shape.safeParse(parsed.value) : undefined;
  if (shaped?.success !== true) return undefined;
  const { org, origin, intentId, checkpoint } = shaped.data;
  const messages = shaped.data.messages.map((stated) => messageOf(shaped.data, stated));
  if (messages.includes(undefined)) return undefined;
  return { org, origin, intentId, checkpoint, messages: messages as ProvedMessage[] };
};
