// Owns the cleaning up of these tests: folders and whatever else a test has started.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** Runs when the test that calls it has ended, whatever came out; called outside of a test, when the file has ended. Last in, first out. */
export function afterwards(clean: () => unknown): void {
  const run = async () => void (await clean());
  try {
    onTestFinished(run);
  } catch {
    afterAll(run);
  }
}

/** A new empty folder (mode 0700), gone afterwards. */
export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'writ-runtime-'));
  afterwards(() => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return path;
}
