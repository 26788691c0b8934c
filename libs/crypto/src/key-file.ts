// Private keys on disk: JWK, mode 0600. Never overwrites one, never reads one that others may read, never shows the contents.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import type { CryptoCode } from './codes.js';
import { exportPrivateJwk, importPrivateJwk } from './jwk.js';
import { KeyError, type KeyPair } from './keys.js';
import { parseStrict } from './strict-json.js';

/** A key file that cannot be read or written. Names the path, never the contents. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  constructor(
    readonly code: CryptoCode,
    readonly path: string,
    reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
const MAX_KEY_FILE_BYTES = 4096;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Opens a file; the error codes named become KeyFileErrors, anything else is broken IO and thrown as it is. */
const open = (path: string, flags: number, known: string, failure: KeyFileError): number => {
  try {
    return openSync(path, flags, OWNER_ONLY);
  } catch (error) {
    throw codeOf(error) === known ? failure : error;
  }
};

const checkMode = (path: string, fd: number): void => {
  const stat = fstatSync(fd);
  if (!stat.isFile()) throw new KeyFileError('WRIT-KEY-001', path, 'not a regular file');
  // Windows has no such bits: access is a matter of the folder there.
  if (process.platform === 'win32' || (stat.mode & OTHERS) === 0) return;
  const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
  throw new KeyFileError('WRIT-CFG-003', path, `mode ${mode}, must be 0600`);
};

const readAll = (path: string, fd: number): Uint8Array => {
  const buffer = Buffer.alloc(MAX_KEY_FILE_BYTES + 1);
  const size = readSync(fd, buffer, 0, buffer.length, 0);
  if (size > MAX_KEY_FILE_BYTES) throw new KeyFileError('WRIT-KEY-001', path, 'too large for a key file');
  return buffer.subarray(0, size);
};

const parseKey = (path: string, bytes: Uint8Array): KeyPair => {
  const parsed = parseStrict(bytes);
  if (!parsed.ok) throw new KeyFileError('WRIT-KEY-001', path, 'not a key in JSON form');
  try {
    return importPrivateJwk(parsed.value);
  } catch (error) {
    throw error instanceof KeyError ? new KeyFileError(error.code, path, error.message) : error;
  }
};

/**
 * Reads a private key. The mode is that of the file opened, so it cannot be swapped in between. Throws KeyFileError: WRIT-CFG-002
 * no such file, WRIT-CFG-003 group or others may use it, WRIT-KEY-001 not a private Ed25519 JWK. Other IO errors pass through.
 */
export const readKeyFile = (path: string): KeyPair => {
  const absent = new KeyFileError('WRIT-CFG-002', path, 'no such key file');
  const fd = open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0), 'ENOENT', absent);
  try {
    checkMode(path, fd);
    return parseKey(path, readAll(path, fd));
  } finally {
    closeSync(fd);
  }
};

const writeSynced = (fd: number, text: string): void => {
  fchmodSync(fd, OWNER_ONLY);
  writeSync(fd, text);
  fsyncSync(fd);
};

/**
 * Writes a private key to a new file of mode 0600, synced before it returns. Throws KeyFileError WRIT-KEY-002 when anything,
 * even a dangling link, has that name: a key is never overwritten. When writing fails nothing is left behind.
 */
export const writeKeyFile = (path: string, pair: KeyPair): void => {
  const taken = new KeyFileError('WRIT-KEY-002', path, 'exists already');
  const fd = open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 'EEXIST', taken);
  let written = false;
  try {
    writeSynced(fd, `${JSON.stringify({ ...exportPrivateJwk(pair), kid: pair.kid })}\n`);
    written = true;
  } finally {
    closeSync(fd);
    if (!written) rmSync(path, { force: true });
  }
};
