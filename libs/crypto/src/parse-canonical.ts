// Reads canonical JSON at trust boundaries. Accepts a text only when it is exactly the canonical form of its value.
import type { JsonValue } from '@writ/contracts';
import { CanonicalError, canonicalize } from './canonical.js';
import { type Limits, limitsOf, type Parsed, readText, unreadable } from './limits.js';

const parseJson = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
};

const refusalOf = (error: unknown, maxDepth: number): Parsed => {
  if (!(error instanceof CanonicalError)) throw error;
  return error.problem === 'depth'
    ? unreadable('WRIT-FRM-012', `nested deeper than ${maxDepth} levels`)
    : unreadable('WRIT-FRM-004', error.message);
};

// Names in the order of their code units, safe integers only, not too deep: what `JSON.stringify` does not see to by itself.
const isOrderly = (value: JsonValue, room: number): boolean => {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (room === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isOrderly(item, room - 1));
  const members = value as Readonly<Record<string, JsonValue>>;
  let last: string | undefined;
  for (const name in members) {
    if (last !== undefined && !(last < name)) return false;
    last = name;
    if (!isOrderly(members[name] as JsonValue, room - 1)) return false;
  }
  return true;
};

/**
 * Whether the text is certainly canonical, at half the cost of writing the canonical form: it is what ECMAScript serialises its
 * value to, which is RFC 8785 but for the order of names and escaped lone surrogates. False says nothing; the full comparison
 * decides.
 */
const isPlainlyCanonical = (value: JsonValue, text: string, maxDepth: number): boolean =>
  isOrderly(value, maxDepth) && !text.includes('\\ud') && JSON.stringify(value) === text;

/**
 * Parses a text or UTF-8 bytes and demands canonical(parse(x)) === x, which leaves duplicate keys, lone surrogates, unsafe or
 * fractional numbers, negative zero, other spellings, white space, a byte order mark and trailing data no way in
 * (ARCHITECTURE §3). WRIT-FRM-002 too large, -004 not canonical, -012 too deep. Total: never throws on any input.
 */
export const parseCanonical = (input: string | Uint8Array, limits?: Limits): Parsed => {
  const { maxBytes, maxDepth } = limitsOf(limits);
  const text = readText(input, maxBytes);
  if (typeof text !== 'string') return text;
  const value = parseJson(text);
  if (value === undefined) return unreadable('WRIT-FRM-004', 'not JSON');
  if (isPlainlyCanonical(value, text, maxDepth)) return { ok: true, value };
  try {
    if (canonicalize(value, maxDepth) === text) return { ok: true, value };
  } catch (error) {
    return refusalOf(error, maxDepth);
  }
  return unreadable('WRIT-FRM-004', 'not the canonical form of its value');
};
