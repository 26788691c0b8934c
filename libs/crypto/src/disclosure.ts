// RFC 9901 salted disclosures: private values leave a document as digests and travel beside it.
import { createHash, randomBytes } from 'node:crypto';
import type { Committed, Digest, Disclosure, JsonValue } from '@writ/contracts';
import { fromBase64url, toBase64url } from './base64url.js';
import { canonicalize } from './canonical.js';
import { sha256 } from './digest.js';
import { parseStrict } from './strict-json.js';

export type ReadDisclosure =
  | { readonly ok: true; readonly salt: string; readonly name: string; readonly value: JsonValue }
  | { readonly ok: false; readonly reason: string };

/** The digest that stands for a disclosure: SHA-256 of its ASCII text (RFC 9901 §4.2.3). */
export const disclosureDigest = (disclosure: Disclosure): Digest => sha256(disclosure);

/** Makes a disclosure of one member; the salt has 128 random bits unless given. */
export const disclose = (
  name: string,
  value: JsonValue,
  salt?: string,
): { readonly disclosure: Disclosure; readonly digest: Digest } => {
  const disclosure = toBase64url(
    Buffer.from(canonicalize([salt ?? randomBytes(16).toString('base64url'), name, value])),
  );
  return { disclosure, digest: disclosureDigest(disclosure) };
};

/** Reads a disclosure strictly: exact base64url of the JSON array [salt, name, value]. Never throws. */
export const readDisclosure = (disclosure: Disclosure): ReadDisclosure => {
  const bytes = fromBase64url(disclosure);
  const parsed = bytes === undefined ? undefined : parseStrict(bytes);
  if (parsed?.ok !== true) return { ok: false, reason: 'not base64url of strict JSON' };
  const array = parsed.value;
  if (!Array.isArray(array) || array.length !== 3) return { ok: false, reason: 'not [salt, name, value]' };
  const [salt, name, value] = array as readonly JsonValue[];
  if (typeof salt !== 'string' || typeof name !== 'string' || salt.length < 16)
    return { ok: false, reason: 'salt or name is not right' };
  return { ok: true, salt, name, value: value as JsonValue };
};

/** Commits to the members of an object: sorted digests, and the disclosures that open them. */
export const commit = (
  object: Readonly<Record<string, JsonValue>>,
): { readonly committed: Committed; readonly disclosures: readonly Disclosure[] } => {
  const made = Object.entries(object).map(([name, value]) => disclose(name, value));
  return { committed: { _sd: made.map((m) => m.digest).sort() }, disclosures: made.map((m) => m.disclosure) };
};

/** The commitment to nothing. */
export const nothingCommitted: Committed = { _sd: [] };

export type Revealed =
  | { readonly ok: true; readonly values: Readonly<Record<string, JsonValue>> }
  | { readonly ok: false; readonly reason: string };

/** Opens what the disclosures open. A disclosure that is not committed to, malformed, or of a name already open is a failure. */
export const reveal = (committed: Committed, disclosures: readonly Disclosure[]): Revealed => {
  const expected = new Set(committed._sd);
  const values = new Map<string, JsonValue>();
  for (const disclosure of disclosures) {
    if (!expected.has(disclosureDigest(disclosure)))
      return { ok: false, reason: 'a disclosure opens nothing here' };
    const read = readDisclosure(disclosure);
    if (!read.ok) return read;
    if (values.has(read.name)) return { ok: false, reason: 'a name is disclosed twice' };
    values.set(read.name, read.value);
  }
  return { ok: true, values: Object.fromEntries(values) };
};

/** The argument digest: SHA-256 of the canonical commitment (ARCHITECTURE §3). */
export const committedDigest = (committed: Committed): Digest => sha256(canonicalize(committed));

const obligedSalt = (salt: string): string =>
  createHash('sha256').update('writ-oblige').update(salt).digest().subarray(0, 16).toString('base64url');

const equal = (a: JsonValue, b: JsonValue): boolean => canonicalize([a]) === canonicalize([b]);

/**
 * The commitment to the obliged arguments: a changed argument gets a new disclosure whose salt follows from the old one, a removed
 * one loses its digest, a new one is salted from its name. Deterministic, so that decision, receipt and enforcement agree.
 */
export const obligeCommitted = (
  committed: Committed,
  disclosures: readonly Disclosure[],
  obliged: Readonly<Record<string, JsonValue>>,
): { readonly committed: Committed; readonly disclosures: readonly Disclosure[] } => {
  const open = disclosures.map((text) => ({ text, read: readDisclosure(text) }));
  const kept = new Map<string, Disclosure>();
  const gone = new Set<Digest>();
  for (const { text, read } of open) {
    if (!read.ok) throw new TypeError('not a disclosure');
    const value = obliged[read.name];
    if (value !== undefined && equal(value, read.value)) kept.set(read.name, text);
    else gone.add(disclosureDigest(text));
    if (value !== undefined && !kept.has(read.name))
      kept.set(read.name, disclose(read.name, value, obligedSalt(read.salt)).disclosure);
  }
  for (const [name, value] of Object.entries(obliged)) {
    if (!kept.has(name))
      kept.set(
        name,
        disclose(name, value, obligedSalt(`new:${name}:${committedDigest(committed)}`)).disclosure,
      );
  }
  const closed = committed._sd.filter((digest) => !gone.has(digest));
  const digests = new Set([...closed, ...[...kept.values()].map(disclosureDigest)]);
  return { committed: { _sd: [...digests].sort() }, disclosures: [...kept.values()] };
};
