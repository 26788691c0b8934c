// Private keys as JSON Web Keys (RFC 8037). What leaves here is secret: write it to a key file and nowhere else.
import { fromBase64url } from './base64url.js';
import { KeyError, type KeyPair, keyPairFromSeed, seedOf } from './keys.js';

/** A private Ed25519 key as JWK: `x` the public and `d` the secret half, each 43 characters of base64url. */
export type PrivateJwk = {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
};

/** The JWK of a key pair. Secret: never log or print it. */
export const exportPrivateJwk = (pair: KeyPair): PrivateJwk => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: pair.x,
  d: seedOf(pair),
});

const isPrivateJwk = (value: unknown): value is PrivateJwk => {
  if (typeof value !== 'object' || value === null) return false;
  const { kty, crv, x, d } = value as Record<string, unknown>;
  return kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && typeof d === 'string';
};

/**
 * The key pair of a JWK; members other than kty, crv, x and d are ignored. Throws KeyError WRIT-KEY-001 when it is not a private
 * Ed25519 key or `x` is not the public half of `d`.
 */
export const importPrivateJwk = (jwk: unknown): KeyPair => {
  const seed = isPrivateJwk(jwk) ? fromBase64url(jwk.d) : undefined;
  if (seed?.length !== 32) throw new KeyError('WRIT-KEY-001', 'not a private Ed25519 key in JWK form');
  const pair = keyPairFromSeed(seed);
  if (pair.x !== (jwk as PrivateJwk).x)
    throw new KeyError('WRIT-KEY-001', 'the two halves do not belong together');
  return pair;
};
