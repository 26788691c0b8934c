// RFC 9901 salted disclosures: one private value and the digest that stands for it. Never puts a value anywhere else.
import { randomBytes } from 'node:crypto';
import type { Digest, Disclosure, JsonValue } from '@writ/contracts';
import { fromBase64url, toBase64url } from './base64url.js';
import { canonicalize } from './canonical.js';
import { sha256 } from './digest.js';
import { type FrameFailure, refuseFrame } from './frame.js';
import { parseStrict } from './strict-json.js';

const SALT_BYTES = 16;
/** Names that mean something else in a committed object (RFC 9901 §4.2.1). */
const RESERVED: readonly string[] = ['_sd', '...'];

/** How large (bytes of the JSON array) and deep a disclosure may be: a preserved state of 256 KiB must fit. */
export const DISCLOSURE_LIMITS = { maxBytes: 257 * 1024, maxDepth: 32 } as const;

/** Disclosures that do not belong to what they are used with, or a name that cannot be committed. A bug of the caller. */
export class DisclosureError extends Error {
  override readonly name = 'DisclosureError';
  readonly code = 'WRIT-FRM-013';
}

/** What a disclosure says, or WRIT-FRM-013. */
export type ReadDisclosure =
  | { readonly ok: true; readonly salt: string; readonly name: string; readonly value: JsonValue }
  | FrameFailure;

/** The digest that commits to a disclosure: SHA-256 of its ASCII text (RFC 9901 §4.2.3). */
export const disclosureDigest = (disclosure: Disclosure): Digest => sha256(disclosure);

/** 16 bytes as a salt. */
export const saltOf = (bytes: Uint8Array): string => toBase64url(bytes.subarray(0, SALT_BYTES));

/**
 * Makes the disclosure of one member: base64url of the canonical JSON array [salt, name, value]. The salt is 16 random bytes unless
 * given (base64url). Throws DisclosureError for the reserved names `_sd` and `...`, CanonicalError for a value that is not
 * canonical JSON.
 */
export const disclose = (
  name: string,
  value: JsonValue,
  salt: string = saltOf(randomBytes(SALT_BYTES)),
): { readonly disclosure: Disclosure; readonly digest: Digest } => {
  if (RESERVED.includes(name)) throw new DisclosureError(`the name '${name}' is reserved`);
  const text = canonicalize([salt, name, value]);
  const disclosure = toBase64url(Buffer.from(text, 'utf8'));
  return { disclosure, digest: disclosureDigest(disclosure) };
};

const misfit = (reason: string): FrameFailure => refuseFrame('WRIT-FRM-013', reason);

const isSalt = (salt: unknown): salt is string =>
  typeof salt === 'string' && (fromBase64url(salt)?.length ?? 0) >= SALT_BYTES;

/**
 * Reads a disclosure: strict base64url, strict JSON (`parseStrict`), exactly [salt, name, value], a salt of at least 16 bytes,
 * a name that is not reserved. Total: never throws; the reason never contains the value.
 */
export const readDisclosure = (disclosure: string): ReadDisclosure => {
  const bytes = fromBase64url(disclosure);
  if (bytes === undefined) return misfit('not strict base64url');
  const parsed = parseStrict(bytes, DISCLOSURE_LIMITS);
  if (!parsed.ok) return misfit(parsed.reason);
  if (!Array.isArray(parsed.value) || parsed.value.length !== 3) return misfit('not [salt, name, value]');
  const [salt, name, value] = parsed.value as [unknown, unknown, JsonValue];
  if (!isSalt(salt)) return misfit('the salt is not 16 bytes or more of base64url');
  if (typeof name !== 'string' || RESERVED.includes(name)) return misfit('the name is none or reserved');
  return { ok: true, salt, name, value };
};
