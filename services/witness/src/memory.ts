// What the witness must never forget: the last checkpoint of each log that it cosigned. It is on disk before a cosignature is made.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, readCheckpoint, readNote } from '@writ/crypto';
import { WitnessFault } from './fault.js';
import { replaceSynced } from './files.js';

/** A checkpoint: its text, and the note with those signatures of the log that were verified. */
export type Remembered = { readonly checkpoint: Checkpoint; readonly text: string; readonly note: string };

export interface Memory {
  last(origin: string): Remembered | undefined;
  /**
   * Replaces the last one; on disk when it returns. The same text again costs no write. Throws WRIT-WIT-005 when the file is not as this process left it: someone else
   * writes here, and nothing is cosigned.
   */
  keep(origin: string, remembered: Remembered): void;
}

const fileFor = (dir: string, origin: string): string =>
  join(dir, `${createHash('sha256').update(origin).digest('hex')}.note`);

const read = (file: string, origin: string): Remembered | undefined => {
  if (!existsSync(file)) return undefined;
  const note = readFileSync(file, 'utf8');
  const text = readNote(note)?.text ?? '';
  const checkpoint = readCheckpoint(text);
  if (checkpoint?.origin !== origin) throw new WitnessFault('WRIT-WIT-003', file);
  return { checkpoint, text, note };
};

/** Reads what was kept for these origins. Throws WRIT-WIT-003 for a file that is no checkpoint of its origin. */
export const openMemory = (dir: string, origins: readonly string[]): Memory => {
  const kept = new Map<string, Remembered>();
  for (const origin of origins) {
    const found = read(fileFor(dir, origin), origin);
    if (found !== undefined) kept.set(origin, found);
  }
  return {
    last: (origin) => kept.get(origin),
    keep: (origin, remembered) => {
      const file = fileFor(dir, origin);
      const there = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
      if (there !== kept.get(origin)?.note) throw new WitnessFault('WRIT-WIT-005', file);
      if (kept.get(origin)?.text === remembered.text) return;
      replaceSynced(file, remembered.note);
      kept.set(origin, remembered);
    },
  };
};
