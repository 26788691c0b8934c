// Owns the key-encryption key of the vault: 32 bytes in a file of mode 0600, or whatever holds it behind a command. Never printed.
import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { RuntimeFault } from '../faults.js';
import { readPrivateFile, writePrivateFile } from '../private-file.js';
import { open, seal } from './seal.js';

/**
 * Wraps and unwraps data keys. `id` names the key-encryption key and tells nothing about it. `bound` is where a data key belongs:
 * it is authenticated, and has to be the same at unwrapping. `unwrap` resolves to undefined for what does not open.
 */
export interface Kek {
  readonly id: string;
  wrap(bound: readonly string[], plain: Uint8Array): Promise<Buffer>;
  unwrap(bound: readonly string[], wrapped: Uint8Array): Promise<Buffer | undefined>;
}

/** Makes a new key file (mode 0600, base64url). Throws WRIT-KEY-103 when there is one already. */
export function createKek(path: string): Kek {
  const bytes = randomBytes(32);
  writePrivateFile(path, bytes.toString('base64url'));
  return fileKek(bytes);
}

/** Reads the key file. Throws WRIT-KEY-101 (missing), -102 (mode wider than 0600), -104 (not 32 bytes in base64url). */
export function readKek(path: string): Kek {
  const text = readPrivateFile(path);
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 32 || bytes.toString('base64url') !== text)
    throw new RuntimeFault('WRIT-KEY-104', path);
  return fileKek(bytes);
}

function fileKek(bytes: Buffer): Kek {
  const id = createHash('sha256').update('writ-vault-kek').update(bytes).digest('base64url').slice(0, 16);
  const key: KeyObject = createSecretKey(bytes);
  return {
    id,
    wrap: async (bound, plain) => seal(key, bound, plain),
    unwrap: async (bound, wrapped) => open(key, bound, wrapped),
  };
}
