import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KeyFileError, readKeyFile, writeKeyFile } from './key-file.js';
import { generateKeyPair } from './keys.js';

const folder = mkdtempSync(join(tmpdir(), 'writ-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
const freshPath = (): string => join(folder, `${made++}.jwk`);

const failure = (work: () => unknown): KeyFileError => {
  try {
    work();
  } catch (error) {
    if (error instanceof KeyFileError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('key files', () => {
  it('are written with mode 0600 whatever the umask, and read back', () => {
    const pair = generateKeyPair();
    const path = freshPath();
    const umask = process.umask(0);
    try {
      writeKeyFile(path, pair);
    } finally {
      process.umask(umask);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readKeyFile(path).kid).toBe(pair.kid);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      kty: 'OKP',
      crv: 'Ed25519',
      kid: pair.kid,
    });
  });

  it('are never overwritten, not even through a dangling link', () => {
    const path = freshPath();
    writeKeyFile(path, generateKeyPair());
    const before = readFileSync(path, 'utf8');
    expect(failure(() => writeKeyFile(path, generateKeyPair())).code).toBe('WRIT-KEY-002');
    expect(readFileSync(path, 'utf8')).toBe(before);
    const target = freshPath();
    const dangling = freshPath();
    symlinkSync(target, dangling);
    expect(failure(() => writeKeyFile(dangling, generateKeyPair())).code).toBe('WRIT-KEY-002');
    expect(existsSync(target)).toBe(false);
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o610, 0o601, 0o777])('are refused with mode %o', (mode) => {
    const path = freshPath();
    writeKeyFile(path, generateKeyPair());
    chmodSync(path, mode);
    const error = failure(() => readKeyFile(path));
    expect(error.code).toBe('WRIT-CFG-003');
    expect(error.message).toContain(`mode 0${mode.toString(8)}, must be 0600`);
    chmodSync(path, 0o400);
    expect(readKeyFile(path).kid).toHaveLength(43);
  });

  it('are refused when missing, malformed, too large, a folder or a pipe, each with its code', () => {
    expect(failure(() => readKeyFile(freshPath())).code).toBe('WRIT-CFG-002');
    chmodSync(folder, 0o700);
    expect(failure(() => readKeyFile(folder)).code).toBe('WRIT-KEY-001');
    const pipe = freshPath();
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect(failure(() => readKeyFile(pipe)).code).toBe('WRIT-KEY-001');
    for (const text of ['', '{}', 'x', '[1]', ' '.repeat(5000)]) {
      const path = freshPath();
      writeFileSync(path, text, { mode: 0o600 });
      expect(failure(() => readKeyFile(path)).code, text.slice(0, 5)).toBe('WRIT-KEY-001');
    }
  });

  it('never show their contents in an error', () => {
    const path = freshPath();
    writeFileSync(path, '{"kty":"OKP","crv":"Ed25519","x":"x","d":"hunter2', { mode: 0o600 });
    const error = failure(() => readKeyFile(path));
    expect(`${error.message}${error.stack}${String(error.cause)}`).not.toContain('hunter2');
  });
});
