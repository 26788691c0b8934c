// Owns the replacement of a file that others read meanwhile: they see the old one or the new one, never half of it.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes beside, syncs, renames, and syncs the folder. `mode` is that of the new file. */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeSynced(beside, text, mode);
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writeSynced(path: string, text: string, mode: number): void {
  const fd = openSync(path, 'w', mode);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
