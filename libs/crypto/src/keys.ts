// Ed25519 keys and their ids. Private halves stay inside KeyObjects; nothing here prints or logs.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Kid } from '@writ/contracts';
import { fromBase64url } from './base64url.js';
import { sha256 } from './digest.js';

/** A public key: its RFC 7638 thumbprint, its 32 bytes in base64url, and the imported key object. */
export type PublicKey = {
  readonly kid: Kid;
  readonly x: string;
  readonly raw: Uint8Array;
  readonly keyObject: KeyObject;
};
/** A key pair. `privateKey` never leaves the process except through a key file of mode 0600. */
export type KeyPair = PublicKey & { readonly privateKey: KeyObject };

/** The RFC 7638 JWK thumbprint (SHA-256) of an Ed25519 public key. */
export const thumbprint = (x: string): Kid => sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`);

const CACHE_MAX = 50_000;
const cache = new Map<string, PublicKey>();

/** Imports a public key from its 32 bytes in strict base64url. Importing is cached: verification needs the key object. Throws TypeError. */
export const importPublic = (x: string): PublicKey => {
  const known = cache.get(x);
  if (known !== undefined) return known;
  const raw = fromBase64url(x);
  if (raw?.length !== 32) throw new TypeError('not an Ed25519 public key');
  const keyObject = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const key = { kid: thumbprint(x), x, raw, keyObject };
  if (cache.size >= CACHE_MAX) cache.delete(cache.keys().next().value as string);
  cache.set(x, key);
  return key;
};

const pairOf = (privateKey: KeyObject): KeyPair => {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { ...importPublic(x as string), privateKey };
};

/** A new key pair from the system's randomness. */
export const generateKeyPair = (): KeyPair => pairOf(generateKeyPairSync('ed25519').privateKey);

/** The key pair of a 32-byte seed; for tests and fixed vectors. */
export const keyPairFromSeed = (seed: Uint8Array): KeyPair => {
  if (seed.length !== 32) throw new TypeError('a seed has 32 bytes');
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return pairOf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
};

/** A private key as JWK (RFC 8037). */
export type PrivateJwk = {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
};

/** Exports the pair for a key file. Handle with care. */
export const exportPrivateJwk = (pair: KeyPair): PrivateJwk => {
  const { d } = pair.privateKey.export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x: pair.x, d: d as string };
};

/** Imports a private JWK. Throws TypeError when it is not an Ed25519 key or its public half does not fit. */
export const importPrivateJwk = (jwk: unknown): KeyPair => {
  const { kty, crv, x, d } = (jwk ?? {}) as Partial<PrivateJwk>;
  const seed = typeof d === 'string' ? fromBase64url(d) : undefined;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || seed?.length !== 32) {
    throw new TypeError('not an Ed25519 private key (JWK)');
  }
  const pair = keyPairFromSeed(seed);
  if (pair.x !== x) throw new TypeError('the public half does not belong to the private half');
  return pair;
};
