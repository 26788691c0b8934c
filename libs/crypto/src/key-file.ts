// Private keys on disk: JWK, or the command of a signer that holds the key; mode 0600. Never overwrites one, never reads one that
// others may read, never shows the contents.
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
import { importPublic, KeyError, type KeyPair } from './keys.js';
import { createExternalSigner, type ExternalKey } from './signer/external.js';
import type { SigningKey } from './signer/signer.js';
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

const isCommand = (value: unknown): value is readonly [string, ...string[]] =>
  Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string' && part !== '');

const readExternal = (value: unknown): ExternalKey | undefined => {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'signer')) return undefined;
  const { kid, x, signer, timeoutMs } = value as Record<string, unknown>;
  if (
    typeof x !== 'string' ||
    importPublic(x).kid !== kid ||
    !isCommand(signer) ||
    Object.hasOwn(value, 'd')
  ) {
    throw new KeyError('WRIT-KEY-001', 'an external key has kid, x and signer, and no private half');
  }
  const wait =
    Number.isSafeInteger(timeoutMs) && (timeoutMs as number) > 0 ? (timeoutMs as number) : undefined;
  return { kid, x, signer, ...(wait === undefined ? {} : { timeoutMs: wait }) };
};

const parseKey = <T>(path: string, bytes: Uint8Array, read: (value: unknown) => T): T => {
  const parsed = parseStrict(bytes);
  if (!parsed.ok) throw new KeyFileError('WRIT-KEY-001', path, 'not a key in JSON form');
  try {
    return read(parsed.value);
  } catch (error) {
    throw error instanceof KeyError ? new KeyFileError(error.code, path, error.message) : error;
  }
};

const privateOnly = (value: unknown): KeyPair => {
  if (readExternal(value) !== undefined) {
    throw new KeyError('WRIT-KEY-014', 'its private key is held by an external signer');
  }
  return importPrivateJwk(value);
};

const eitherKind = (value: unknown): SigningKey => {
  const external = readExternal(value);
  return external === undefined ? importPrivateJwk(value) : createExternalSigner(external);
};

/**
 * Reads a private key. The mode is that of the file opened, so it cannot be swapped in between. Throws KeyFileError: WRIT-CFG-002
 * no such file, WRIT-CFG-003 group or others may use it, WRIT-KEY-001 not a private Ed25519 JWK, WRIT-KEY-014 the key is held by an
 * external signer. Other IO errors pass through.
 */
export const readKeyFile = (path: string): KeyPair => readFileOf(path, privateOnly);

/**
 * Reads a signing key: a private one, or `{ "kid", "x", "signer": ["command", "argument", ...] }` (and `timeoutMs`) for one that an
 * external signer holds (docs/reference/signer-protocol.md); the command is started with the first signature. The file is judged
 * alike in both cases: whoever may change it may choose what is run. Throws as `readKeyFile`, but not WRIT-KEY-014.
 */
export const readSigningKey = (path: string): SigningKey => readFileOf(path, eitherKind);

const readFileOf = <T>(path: string, read: (value: unknown) => T): T => {
  const absent = new KeyFileError('WRIT-CFG-002', path, 'no such key file');
  const fd = open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0), 'ENOENT', absent);
  try {
    checkMode(path, fd);
    return parseKey(path, readAll(path, fd), read);
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
export const writeKeyFile = (path: string, pair: KeyPair): void =>
  writeNew(path, { ...exportPrivateJwk(pair), kid: pair.kid });

/** Writes the file of a key that an external signer holds, under the same rules. */
export const writeExternalKeyFile = (path: string, { kid, x, signer, timeoutMs }: ExternalKey): void =>
  writeNew(path, { kid, x, signer, ...(timeoutMs === undefined ? {} : { timeoutMs }) });

const writeNew = (path: string, value: object): void => {
  const taken = new KeyFileError('WRIT-KEY-002', path, 'exists already');
  const fd = open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 'EEXIST', taken);
  let written = false;
  try {
    writeSynced(fd, `${JSON.stringify(value)}\n`);
    written = true;
  } finally {
    closeSync(fd);
    if (!written) rmSync(path, { force: true });
  }
};
