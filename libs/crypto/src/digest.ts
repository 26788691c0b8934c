// SHA-256 digests as they stand on the wire. Never a digest of anything but the exact bytes handed in.
import { hash } from 'node:crypto';
import type { Digest } from '@writ/contracts';
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

// 43 characters in the one spelling of 32 bytes: the last holds four bits and two zeros.
const SPELLING = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

const both = Buffer.alloc(2 * DIGEST_BYTES);

const writeDigest = (digest: Digest, at: number): void => {
  if (!SPELLING.test(digest)) throw new TypeError('not a digest: 43 characters of base64url expected');
  both.write(digest, at, 'base64url');
};

/**
 * The next head of a chain: h(n) = SHA-256(h(n-1) || digest(n)) over the raw 32-byte values; the first `prev` is `ZERO_DIGEST`.
 * Throws TypeError when either is not a digest.
 */
export const link = (prev: Digest, digest: Digest): Digest => {
  writeDigest(prev, 0);
  writeDigest(digest, DIGEST_BYTES);
  return sha256(both);
};
