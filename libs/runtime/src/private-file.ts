// Owns reading and writing of small secrets on disk. It never overwrites one and never shows its contents.
import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { RuntimeFault } from './faults.js';

const OTHERS = 0o077;

/**
 * The text of a file that only its owner may read, without surrounding white space.
 * Throws WRIT-KEY-101 (missing) or WRIT-KEY-102 (mode wider than 0600).
 */
export function readPrivateFile(path: string): string {
  const fd = openPrivate(path);
  try {
    if ((fstatSync(fd).mode & OTHERS) !== 0) throw new RuntimeFault('WRIT-KEY-102', path);
    return readFileSync(fd, 'utf8').trim();
  } finally {
    closeSync(fd);
  }
}

function openPrivate(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new RuntimeFault('WRIT-KEY-101', path, { cause: error });
  }
}

/** Writes a new file with mode 0600; an existing one is never overwritten: WRIT-KEY-103. */
export function writePrivateFile(path: string, text: string): void {
  const fd = createPrivate(path);
  try {
    writeSync(fd, `${text}\n`);
  } finally {
    closeSync(fd);
  }
}

function createPrivate(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new RuntimeFault('WRIT-KEY-103', path, { cause: error });
  }
}
