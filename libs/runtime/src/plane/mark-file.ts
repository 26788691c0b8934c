// The file in which a service keeps what it knew of the ledger. It compares nothing.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Digest } from '@writ/contracts';
import { z } from 'zod';
import { replaceFile } from '../install/atomic-file.js';

const LEAF_LENGTH = 44;

/**
 * `leaf`: the hash of the tree's leaf of message `end`; null of an empty ledger. `head`: the running digest of all events up to there
 * that the service opens; `of` says which they are: when a service opens others (an upgrade, a key distrusted backwards), it is not
 * compared. `at`: wall time. `adopted`: the adoption that the service has seen last; it does not count for this service a second time.
 */
const Mark = z.strictObject({
  end: z.int().min(0),
  leaf: z.string().length(LEAF_LENGTH).nullable(),
  of: z.string(),
  head: Digest,
  at: z.iso.datetime(),
  adopted: Digest.nullable(),
});
/** What a service knew of the ledger. */
export type LedgerMarkFile = Readonly<z.infer<typeof Mark>>;

/** `broken`: there is a file and it says nothing; what was known is lost. `at`: when it was last written. */
export type ReadMark = LedgerMarkFile | { readonly broken: true; readonly at: string };

/** The mark in a file; `undefined` without one: the service has not been here before. */
export const readLedgerMark = (file: string): ReadMark | undefined => {
  if (!existsSync(file)) return undefined;
  try {
    return Mark.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { broken: true, at: statSync(file).mtime.toISOString() };
  }
};

/** Replaces the mark, 0600. */
export const writeLedgerMark = (file: string, mark: LedgerMarkFile): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replaceFile(file, JSON.stringify(mark));
};
