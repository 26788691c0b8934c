// The sealer's own memory beside Postgres: the last signed note, in a file that is synced before anybody gets to see the note.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeFault, replaceFile } from '@writ/runtime';
import { readSigned, type SignedCheckpoint } from './notes.js';

const fileIn = (dir: string): string => join(dir, 'checkpoint.txt');

/** The note in the folder; `undefined` when there is none yet. Throws WRIT-SEA-007 for a file that is no checkpoint. */
export const readLastSigned = (dir: string): SignedCheckpoint | undefined => {
  const file = fileIn(dir);
  if (!existsSync(file)) return undefined;
  const signed = readSigned(readFileSync(file, 'utf8'));
  if (signed === undefined) throw new RuntimeFault('WRIT-SEA-007', file);
  return signed;
};

/** Replaces the note, mode 0600. When this returns it has reached the disk. */
export const keepLastSigned = (dir: string, note: string): void => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  replaceFile(fileIn(dir), note);
};
