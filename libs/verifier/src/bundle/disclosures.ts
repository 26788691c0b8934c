// Disclosures that travel with a bundle: each must open a digest of the message that it names. What they say is for people.
import type { Digest } from '@writ/contracts';
import { disclosureDigest, readDisclosure } from '@writ/crypto';
import { digestsIn } from '../disclosed/committed.js';

/** One line of disclosures.ndjson. */
export type DisclosureLine = { readonly seq: number; readonly disclosure: string };

/** The line as it is spelled. */
export const disclosureLine = ({ seq, disclosure }: DisclosureLine): string =>
  JSON.stringify({ seq, disclosure });

const readLine = (line: string): DisclosureLine | undefined => {
  try {
    const { seq, disclosure } = JSON.parse(line) as { readonly [name: string]: unknown };
    if (!Number.isSafeInteger(seq) || typeof disclosure !== 'string') return undefined;
    const read = { seq: seq as number, disclosure };
    return disclosureLine(read) === line && readDisclosure(disclosure).ok ? read : undefined;
  } catch {
    return undefined;
  }
};

/** What disclosures a bundle holds, by the digest that each must find in its message. */
export interface Disclosures {
  readonly count: number;
  /** The digests of all that are well formed. */
  readonly digests: ReadonlySet<Digest>;
  /** A message of the bundle, as its exact bytes. */
  take(seq: number, bytes: Uint8Array): void;
  /** What is wrong with them, once all messages were seen. */
  faults(): readonly string[];
}

/** The digests that an `_sd` member anywhere in the bytes of a message commits to. */
export const digestsOf = (bytes: Uint8Array): ReadonlySet<Digest> => {
  try {
    return new Set(digestsIn(JSON.parse(Buffer.from(bytes).toString('utf8'))));
  } catch {
    return new Set();
  }
};

/** Reads the lines of disclosures.ndjson. */
export const readDisclosures = async (lines: AsyncIterable<string>): Promise<Disclosures> => {
  const wanted = new Map<number, Set<Digest>>();
  const given = new Set<Digest>();
  const faults: string[] = [];
  let count = 0;
  for await (const line of lines) {
    count += 1;
    const read = readLine(line);
    if (read === undefined) {
      faults.push(`line ${count} is no disclosure`);
      continue;
    }
    const digest = disclosureDigest(read.disclosure);
    given.add(digest);
    wanted.set(read.seq, (wanted.get(read.seq) ?? new Set()).add(digest));
  }
  return {
    count,
    digests: given,
    take: (seq, bytes) => {
      const digests = wanted.get(seq);
      if (digests === undefined) return;
      for (const digest of digestsOf(bytes)) digests.delete(digest);
      if (digests.size === 0) wanted.delete(seq);
    },
    faults: () => [
      ...faults,
      ...[...wanted.keys()].map((seq) => `one for message ${seq} opens nothing there`),
    ],
  };
};
