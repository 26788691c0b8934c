// Owns temporary folders of tests. It removes only what it made.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const left = new Set<string>();
let hooked = false;

/** A new empty folder beneath the system's temporary one, and the way to be rid of it; at the latest it goes when the process ends. */
export function tempDir(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'writ-test-'));
  if (!hooked) process.once('exit', removeAll);
  hooked = true;
  left.add(path);
  return { path, remove: () => remove(path) };
}

function remove(path: string): void {
  left.delete(path);
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

// A test that failed before it stopped its server leaves a folder behind, but not for long.
function removeAll(): void {
  for (const path of left) rmSync(path, { recursive: true, force: true });
}
