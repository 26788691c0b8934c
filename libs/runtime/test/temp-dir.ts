// Owns the temporary folders of these tests; all are removed when the test file ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new empty folder (mode 0700), gone after the test file. */
export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'writ-runtime-'));
  afterAll(() => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return path;
}
