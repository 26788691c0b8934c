// SHA-256 digests and the running head of a chain.
import { createHash } from 'node:crypto';
import type { Digest } from '@writ/contracts';
import { fromBase64url } from './base64url.js';
import { pae } from './pae.js';

/** SHA-256 of bytes or of a text's UTF-8, unpadded base64url. */
export const sha256 = (data: Uint8Array | string): Digest =>
  createHash('sha256').update(data).digest('base64url');

/** The digest of a document: SHA-256 of its DSSE encoding (ARCHITECTURE §3). */
export const digestOf = (payloadType: string, document: Uint8Array): Digest =>
  sha256(pae(payloadType, document));

/** 32 zero bytes: the head of an empty chain. */
export const ZERO_DIGEST: Digest = 'A'.repeat(43);

const raw = (digest: Digest): Uint8Array => {
  const bytes = fromBase64url(digest);
  if (bytes?.length !== 32) throw new TypeError('not a digest');
  return bytes;
};

/** h(n) = SHA-256(h(n-1) || digest(n)) over the raw 32-byte values. Throws TypeError for what is not a digest. */
export const link = (previous: Digest, digest: Digest): Digest =>
  sha256(Buffer.concat([raw(previous), raw(digest)]));
