// Reads foreign JSON strictly and takes members out of it. Never throws on foreign input, never guesses a type.
import { type JsonObject, type JsonValue, parseStrict, parseStrictJcs } from '@writ/crypto';

/** Foreign files: at most 8 MiB, 64 levels. */
export const FOREIGN_LIMITS = { maxBytes: 8 * 1024 * 1024, maxDepth: 64 } as const;

/** Whether a value is a JSON object (not an array). */
export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member that an object has itself, along a path; `undefined` where there is none. */
export const at = (value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined => {
  let here = value;
  for (const name of path) {
    here = isObject(here) && Object.hasOwn(here, name) ? here[name] : undefined;
  }
  return here;
};

/** The text at a path, `undefined` when it is no text. */
export const textAt = (value: JsonValue | undefined, ...path: readonly string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

/** The list at a path, `undefined` when it is none. */
export const listAt = (
  value: JsonValue | undefined,
  ...path: readonly string[]
): readonly JsonValue[] | undefined => {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly JsonValue[]) : undefined;
};

/** An object without one member. */
export const without = (value: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));

/** The value of one JSON text, fractions included (RFC 8259, no duplicate names, no lone surrogates); else `undefined`. */
export const readJson = (text: string | Uint8Array): JsonValue | undefined => {
  const parsed = parseStrictJcs(text, FOREIGN_LIMITS);
  return parsed.ok ? parsed.value : undefined;
};

/** The same with safe integers only, for formats that forbid others. */
export const readIntegerJson = (text: string | Uint8Array): JsonValue | undefined => {
  const parsed = parseStrict(text, FOREIGN_LIMITS);
  return parsed.ok ? parsed.value : undefined;
};

/** One JSON text, or a list of the values of several lines (NDJSON). */
export const readFile = (text: string): JsonValue | undefined => {
  const whole = readJson(text);
  if (whole !== undefined) return whole;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) return undefined;
  const values = lines.map(readJson);
  return values.includes(undefined) ? undefined : (values as readonly JsonValue[]);
};

/** Whether every number in a value is a safe integer. */
export const integersOnly = (value: JsonValue): boolean => {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(integersOnly);
};

/** A value without the members that are null, at every level; `keep` names those that stay. */
export const withoutNulls = (value: JsonValue, keep: ReadonlySet<string> = new Set()): JsonValue => {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item as JsonValue, keep));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([name, member]) => member !== null || keep.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member, keep)]));
};
