// The lines of proofs.ndjson, written and read. A proof read here is not verified yet.
import { hashText, readHash, type TreeHash } from '@writ/crypto';

/** One line. `frontier`: the full subtrees of the first `size` leaves. */
export type Proof =
  | { readonly kind: 'frontier'; readonly size: number; readonly hashes: readonly TreeHash[] }
  | {
      readonly kind: 'consistency';
      readonly from: number;
      readonly to: number;
      readonly hashes: readonly TreeHash[];
    }
  | { readonly kind: 'inclusion'; readonly seq: number; readonly hashes: readonly TreeHash[] };

type Fields = { readonly [name: string]: unknown };

/** The line of a proof, without line feed. */
export const proofLine = ({ hashes, ...rest }: Proof): string =>
  JSON.stringify({ ...rest, hashes: hashes.map(hashText) });

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Hashes in base64; `undefined` unless all are. */
export const readHashes = (value: unknown): readonly TreeHash[] | undefined => {
  if (!Array.isArray(value) || value.length > 128) return undefined;
  const hashes = value.map((text) => (typeof text === 'string' ? readHash(text) : undefined));
  return hashes.includes(undefined) ? undefined : (hashes as TreeHash[]);
};

const fieldsOf = (line: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
};

/** Reads a line; `undefined` for anything else. */
export const readProof = (line: string): Proof | undefined => {
  const { kind, size, from, to, seq, hashes: texts } = fieldsOf(line) ?? {};
  const hashes = readHashes(texts);
  if (hashes === undefined) return undefined;
  if (kind === 'frontier' && isCount(size)) return { kind, size, hashes };
  if (kind === 'consistency' && isCount(from) && isCount(to)) return { kind, from, to, hashes };
  return kind === 'inclusion' && isCount(seq) ? { kind, seq, hashes } : undefined;
};
