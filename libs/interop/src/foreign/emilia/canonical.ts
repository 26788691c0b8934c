// The canonical form of the EMILIA Protocol: RFC 8785 over JSON whose only numbers are safe integers.
import { canonicalize, type JsonObject, type JsonValue } from '@writ/crypto';
import { sha256Hex } from '../bytes.js';
import { integersOnly, readIntegerJson } from '../json.js';

/** The canonical text, `undefined` for a value outside the profile (a fraction, an integer beyond 2^53-1). */
export const emiliaCanonical = (value: JsonValue | undefined): string | undefined =>
  value === undefined || !integersOnly(value) ? undefined : canonicalize(value as JsonObject);

/**
 * The SHA-256 (hex) of the canonical form of a JSON text, `undefined` when the profile refuses the text: duplicate member names,
 * lone surrogates, more than 64 levels, other numbers (EP-CANONICALIZATION-v1).
 */
export const emiliaDigest = (text: string): string | undefined => {
  const canonical = emiliaCanonical(readIntegerJson(text));
  return canonical === undefined ? undefined : sha256Hex(canonical);
};
