// Ed25519 keys and their ids. Event keys only: never a NATS authentication key (ARCHITECTURE §3).
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Digest } from '@writ/contracts';
import { fromBase64url, toBase64url } from './base64url.js';
import type { CryptoCode } from './codes.js';
import { sha256 } from './digest.js';
import { isSmallOrder } from './precheck.js';

/** A public key: its id, its 32 bytes (`x` is their base64url, 43 characters) and the ready-made key object. */
export type PublicKey = {
  readonly kid: Digest;
  readonly x: string;
  readonly raw: Uint8Array;
  readonly keyObject: KeyObject;
};

/** A key pair. The private half is an opaque key object: it prints and serialises as nothing. */
export type KeyPair = PublicKey & { readonly privateKey: KeyObject };

/** A key that is not one. The message never contains key material. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
  constructor(
    readonly code: Extract<CryptoCode, `WRIT-KEY-${string}`>,
    message: string,
  ) {
    super(message);
  }
}

const KEY_BYTES = 32;
/** The DER head of an unencrypted PKCS #8 Ed25519 key (RFC 8410 §7); the 32-byte seed follows. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Importing costs as much as verifying, so the keys in use stay imported; the oldest goes first. */
const CACHED_KEYS = 16_384;

const imported = new Map<string, PublicKey>();

/** The RFC 7638 thumbprint of an Ed25519 public key (RFC 8037 §2): 43 characters. */
export const thumbprint = (x: string): Digest => sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`);

const importFresh = (x: string): PublicKey => {
  const raw = fromBase64url(x);
  if (raw?.length !== KEY_BYTES) throw new KeyError('WRIT-KEY-003', 'not 32 bytes of base64url');
  if (isSmallOrder(raw)) throw new KeyError('WRIT-KEY-003', 'a point of small order is no public key');
  const keyObject = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return { kid: thumbprint(x), x, raw, keyObject };
};

/**
 * The public key of 43 base64url characters. The same text gives the same object as long as it is among the 16,384 imported last, so
 * calling this for every message is cheap. Throws KeyError WRIT-KEY-003 unless it is 32 bytes in their one spelling and not of
 * small order.
 */
export const importPublic = (x: string): PublicKey => {
  const known = imported.get(x);
  if (known !== undefined) return known;
  const key = importFresh(x);
  if (imported.size >= CACHED_KEYS) imported.delete(imported.keys().next().value as string);
  imported.set(x, key);
  return key;
};

/** The pair of a private key object of type ed25519. */
export const pairOf = (privateKey: KeyObject): KeyPair => {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { ...importPublic(x as string), privateKey };
};

/** A new key pair from the operating system's randomness. */
export const generateKeyPair = (): KeyPair => pairOf(generateKeyPairSync('ed25519').privateKey);

/** The pair of a 32-byte seed (RFC 8032 §5.1.5). For fixtures and golden files; live keys come from `generateKeyPair`. */
export const keyPairFromSeed = (seed: Uint8Array): KeyPair => {
  if (seed.length !== KEY_BYTES) throw new KeyError('WRIT-KEY-001', 'a seed has 32 bytes');
  const der = Buffer.concat([PKCS8_HEAD, seed]);
  return pairOf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
};

/** The 32-byte seed as base64url: secret. */
export const seedOf = (pair: KeyPair): string => {
  const der = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
  return toBase64url(der.subarray(PKCS8_HEAD.length));
};
