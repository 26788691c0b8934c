// Disclosures that travel with a bundle: each must open a digest of the message that it names. What they say is for people.
import { disclosureDigest, readDisclosure } from '@writ/crypto';

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
  /** A message of the bundle, as its exact bytes. */
  take(seq: number, bytes: Uint8Array): void;
  /** What is wrong with them, once all messages were seen. */
  faults(): readonly string[];
}

/** The digests that an `_sd` member anywhere in a value commits to. */
const committedIn = (value: unknown, into: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '_sd' && Array.isArray(member)) for (const digest of member) into.add(String(digest));
    else committedIn(member, into);
  }
};

const digestsIn = (bytes: Uint8Array): ReadonlySet<string> => {
  const found = new Set<string>();
  try {
    committedIn(JSON.parse(Buffer.from(bytes).toString('utf8')), found);
  } catch {
    return found;
  }
  return found;
};

/** Reads the lines of disclosures.ndjson. */
export const readDisclosures = async (lines: AsyncIterable<string>): Promise<Disclosures> => {
  const wanted = new Map<number, Set<string>>();
  const faults: string[] = [];
  let count = 0;
  for await (const line of lines) {
    count += 1;
    const read = readLine(line);
    if (read === undefined) faults.push(`line ${count} is no disclosure`);
    else wanted.set(read.seq, (wanted.get(read.seq) ?? new Set()).add(disclosureDigest(read.disclosure)));
  }
  return {
    count,
    take: (seq, bytes) => {
      const digests = wanted.get(seq);
      if (digests === undefined) return;
      for (const digest of digestsIn(bytes)) digests.delete(digest);
      if (digests.size === 0) wanted.delete(seq);
    },
    faults: () => [
      ...faults,
      ...[...wanted.keys()].map((seq) => `one for message ${seq} opens nothing there`),
    ],
  };
};
