// Owns telling what a path holds: a bundle, an export, a portable receipt, or something foreign. It verifies nothing.
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BundleFiles, looksLikeReceipt } from '@writ/verifier';
import { fault } from '../fault.js';

/** What is there; `text` is the whole file where it is small enough to be one thing. */
export type Found =
  | { readonly kind: 'bundle' | 'export' }
  | { readonly kind: 'receipt' | 'foreign'; readonly text: string };

const HEAD_BYTES = 64;
const HEADER_BYTES = 512;
const MOST_BYTES = 16 * 1024 * 1024;

/** Looks at a path. WRIT-CLI-002 when nothing can be read there. */
export function recognisePath(path: string): Found {
  if (!existsSync(path)) return fault('WRIT-CLI-002', `${path} cannot be read`);
  const stat = statSync(path);
  if (stat.isDirectory()) {
    if (existsSync(join(path, BundleFiles.manifest))) return { kind: 'bundle' };
    return fault('WRIT-CLI-002', `${path} is a folder without ${BundleFiles.manifest}`);
  }
  if (headOf(path, HEAD_BYTES).startsWith('{"writ":"ledger-export"') || stat.size > MOST_BYTES)
    return { kind: 'export' };
  const text = readFileSync(path, 'utf8');
  return { kind: looksLikeReceipt(text) ? 'receipt' : 'foreign', text };
}

/** How many messages a bundle or export promises; 0 when that cannot be told. For a bar alone. */
export function promisedMessages(path: string): number {
  const file = statSync(path).isDirectory() ? join(path, BundleFiles.messages) : path;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return 0;
  return Number(/"messages":(\d{1,15})/.exec(headOf(file, HEADER_BYTES))?.[1] ?? 0);
}

function headOf(path: string, bytes: number): string {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(bytes);
    return head.subarray(0, readSync(file, head)).toString('latin1');
  } finally {
    closeSync(file);
  }
}
