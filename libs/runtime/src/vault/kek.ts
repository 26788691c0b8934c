// Owns the key-encryption key of the vault: 32 bytes in a file of mode 0600. It is never printed or sent anywhere.
import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { RuntimeFault } from '../faults.js';
import { readPrivateFile, writePrivateFile } from '../private-file.js';

/** The key, and a name for it that tells nothing about it. */
export type Kek = { readonly id: string; readonly key: KeyObject };

/** Makes a new key file (mode 0600, base64url). Throws WRIT-KEY-103 when there is one already. */
export function createKek(path: string): Kek {
  const bytes = randomBytes(32);
  writePrivateFile(path, bytes.toString('base64url'));
  return kek(bytes);
}

/** Reads the key file. Throws WRIT-KEY-101 (missing), -102 (mode wider than 0600), -104 (not 32 bytes in base64url). */
export function readKek(path: string): Kek {
  const text = readPrivateFile(path);
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 32 || bytes.toString('base64url') !== text)
    throw new RuntimeFault('WRIT-KEY-104', path);
  return kek(bytes);
}

function kek(bytes: Buffer): Kek {
  const id = createHash('sha256').update('writ-vault-kek').update(bytes).digest('base64url').slice(0, 16);
  return { id, key: createSecretKey(bytes) };
}
