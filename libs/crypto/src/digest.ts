// SHA-256 digests as they stand on the wire. Never a digest of anything but the exact bytes handed in.
import { hash } from 'node:crypto';
import type { Digest } from '@writ/contracts';
import { fromBase64url } from './base64url.js';
import { pae } from './pae.js';

export type { Digest } from '@writ/contracts';

const DIGEST_BYTES = 32;

/** 32 zero bytes: the head of an empty chain. */
export const ZERO_DIGEST: Digest = 'A'.repeat(43);

/** SHA-256 of bytes, or of the UTF-8 form of a string: 43 characters of unpadded base64url. */
export const sha256 = (data: Uint8Array | string): Digest => hash('sha256', data, 'base64url');

/** The digest of a signed document: SHA-256 of the DSSE encoding that its signature covers (ARCHITECTURE §3). */
export const digestOf = (payloadType: string, document: Uint8Array): Digest =>
  sha256(pae(payloadType, document));

const copyDigest = (digest: Digest, target: Uint8Array, at: number): void => {
  const bytes = fromBase64url(digest);
  if (bytes?.length !== DIGEST_BYTES)
    throw new TypeError('not a digest: 43 characters of base64url expected');
  target.set(bytes, at);
};

/**
 * The next head of a chain: h(n) = SHA-256(h(n-1) || digest(n)) over the raw 32-byte values; the first `prev` is `ZERO_DIGEST`.
 * Throws TypeError when either is not a digest.
 */
export const link = (prev: Digest, digest: Digest): Digest => {
  const both = new Uint8Array(2 * DIGEST_BYTES);
  copyDigest(prev, both, 0);
  copyDigest(digest, both, DIGEST_BYTES);
  return sha256(both);
};
