// The lists of digests that a vault gives out for orders of erasure, as they travel with a bundle. A list explains something only when
// the ledger records an erasure over exactly it.
import { Digest, EventId } from '@writ/contracts';
import type { ErasedList } from '../disclosed/disclosed.js';

/** The line of erased.ndjson as it is spelled. */
export const erasedLine = ({ order, digests }: ErasedList): string => JSON.stringify({ order, digests });

const readLine = (line: string): ErasedList | undefined => {
  try {
    const { order, digests } = JSON.parse(line) as { readonly [name: string]: unknown };
    const read = { order: EventId.parse(order), digests: Digest.array().parse(digests) };
    return erasedLine(read) === line ? read : undefined;
  } catch {
    return undefined;
  }
};

/** The lists of erased.ndjson, and which lines are none. */
export const readErasedLists = async (
  lines: AsyncIterable<string>,
): Promise<{ readonly lists: readonly ErasedList[]; readonly faults: readonly string[] }> => {
  const lists: ErasedList[] = [];
  const faults: string[] = [];
  let count = 0;
  for await (const line of lines) {
    count += 1;
    const read = readLine(line);
    if (read === undefined) faults.push(`line ${count} is no list of erased digests`);
    else lists.push(read);
  }
  return { lists, faults };
};
