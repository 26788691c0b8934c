// Private keys on disk: JWK, mode 0600, never overwritten, never printed.
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { exportPrivateJwk, importPrivateJwk, type KeyPair } from './keys.js';

/** What is wrong with a key file; the message names the path and never the content. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  constructor(
    readonly code: 'WRIT-CFG-002' | 'WRIT-CFG-003' | 'WRIT-CFG-001',
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

const openForReading = (path: string): number => {
  try {
    return openSync(path, 'r');
  } catch {
    throw new KeyFileError('WRIT-CFG-002', `the key file ${path} cannot be read`);
  }
};

/** Reads a key file. Refuses one that others may read (WRIT-CFG-003), is missing (-002) or is no Ed25519 JWK (-001). */
export const readKeyFile = (path: string): KeyPair => {
  const file = openForReading(path);
  try {
    if ((fstatSync(file).mode & 0o077) !== 0)
      throw new KeyFileError('WRIT-CFG-003', `the key file ${path} must have mode 0600`);
    return importPrivateJwk(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    throw new KeyFileError('WRIT-CFG-001', `the key file ${path} holds no Ed25519 key`);
  } finally {
    closeSync(file);
  }
};

/** Writes a new key file with mode 0600. Fails when the path exists: a key is never overwritten. */
export const writeKeyFile = (path: string, pair: KeyPair): void => {
  writeFileSync(path, `${JSON.stringify(exportPrivateJwk(pair))}\n`, { mode: 0o600, flag: 'wx' });
};
