// Owns bundles as folders on disk: read file by file, written once and never over something. It judges nothing.
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleSink, BundleSource } from '@writ/verifier';
import { fault } from '../fault.js';

/** The folder as a source: every entry by name, also what does not belong there. */
export function folderSource(folder: string): BundleSource {
  return {
    names: async () => readdirSync(folder),
    open: (name) => createReadStream(join(folder, name), { highWaterMark: 256 * 1024 }),
    size: async (name) => regularSize(join(folder, name)),
  };
}

/** A link, a pipe or a device is no file of a bundle. */
function regularSize(path: string): number | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.size : undefined;
}

/** A new folder to write a bundle into (mode 0700, files 0600). WRIT-CLI-002 when it is there already. */
export function folderSink(folder: string): BundleSink {
  if (existsSync(folder)) fault('WRIT-CLI-002', `${folder} is there already; a bundle is never written over`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { write: (name, chunks) => writeChunks(join(folder, name), chunks) };
}

/** Writes a new file (mode 0600). */
export async function writeChunks(file: string, chunks: AsyncIterable<Uint8Array | string>): Promise<void> {
  const out = createWriteStream(file, { mode: 0o600, flags: 'wx' });
  const failed = once(out, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => undefined);
  for await (const chunk of chunks) if (!out.write(chunk)) await Promise.race([once(out, 'drain'), failed]);
  out.end();
  await Promise.race([once(out, 'close'), failed]);
}
