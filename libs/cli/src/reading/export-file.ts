// Owns export files: written once and never over another file, read line by line. It verifies nothing.

import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { exportLines, type OpenExport, openExport, type StoredMessage } from '@writ/verifier';
import { fault } from '../fault.js';

/** Opens an export. WRIT-CLI-002: it cannot be read; ExportError (WRIT-VER-001): it is none. */
export async function readExport(file: string): Promise<OpenExport> {
  if (!existsSync(file)) return fault('WRIT-CLI-002', `${file} cannot be read`);
  const input = createReadStream(file);
  return openExport(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }));
}

/** Writes messages 1 to `end` as an export (mode 0600). WRIT-CLI-002 when the file is there already. */
export async function writeExport(
  file: string,
  messages: AsyncIterable<StoredMessage>,
  { org, end }: { readonly org: string; readonly end: number },
): Promise<void> {
  if (existsSync(file)) fault('WRIT-CLI-002', `${file} is there already; an export is never written over`);
  const out = createWriteStream(file, { mode: 0o600, flags: 'wx' });
  const failed = once(out, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => undefined);
  for await (const line of exportLines(messages, { org, from: end === 0 ? 0 : 1, to: end, messages: end }))
    if (!out.write(`${line}\n`)) await Promise.race([once(out, 'drain'), failed]);
  out.end();
  await Promise.race([once(out, 'close'), failed]);
}
