// Owns the making of identities: an event key and a NATS key, two different keys, each in a file of its own with mode 0600.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createUser, fromSeed } from '@nats-io/nkeys';
import {
  generateKeyPair,
  type KeyPair,
  readKeyFile,
  readSigningKey,
  type SigningKey,
  writeKeyFile,
} from '@writ/crypto';
import { readPrivateFile, writePrivateFile } from '../private-file.js';

/** The event key of a file; made when there is none, so that an interrupted command can be given again. */
export function ensureKey(path: string): KeyPair {
  if (existsSync(path)) return readKeyFile(path);
  const pair = generateKeyPair();
  makeFolder(path);
  writeKeyFile(path, pair);
  return pair;
}

/** The same for a holder whose key may be with an external signer: an existing file of one is taken as it is. */
export function ensureSigningKey(path: string): SigningKey {
  return existsSync(path) ? readSigningKey(path) : ensureKey(path);
}

/** The NATS public key of a seed file; made when there is none. */
export function ensureNkey(path: string): string {
  if (existsSync(path)) return publicOf(readPrivateFile(path));
  const pair = createUser();
  makeFolder(path);
  writePrivateFile(path, new TextDecoder().decode(pair.getSeed()));
  const key = pair.getPublicKey();
  pair.clear();
  return key;
}

function publicOf(seed: string): string {
  const pair = fromSeed(new TextEncoder().encode(seed));
  const key = pair.getPublicKey();
  pair.clear();
  return key;
}

function makeFolder(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
}
