// A bundle's folder as a source: only regular files have a size, and nothing else is opened by the verifier.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderSource } from './folder.js';

test('a regular file has its length; a link, a folder and what is not there have none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'writ-folder-'));
  try {
    writeFileSync(join(folder, 'messages.ndjson'), 'four');
    symlinkSync(join(folder, 'messages.ndjson'), join(folder, 'heads.json'));
    const { size } = folderSource(folder);
    expect(await size?.('messages.ndjson')).toBe(4);
    expect(await size?.('heads.json')).toBeUndefined();
    expect(await size?.('.')).toBeUndefined();
    expect(await size?.('checkpoint.txt')).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
