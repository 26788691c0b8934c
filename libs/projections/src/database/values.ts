// Turns what the ledger may legally hold into what Postgres can store. It loses a value rather than the projection.

const REPLACEMENT = '\ufffd';

/** A text for a text column: Postgres stores no NUL, which canonical JSON allows; it becomes U+FFFD. */
export const storableText = (text: string): string =>
  text.includes('\0') ? text.replaceAll('\0', REPLACEMENT) : text;

const replaceNul = (json: string): string =>
  json.replace(/\\(?:u0000|.)/g, (found) => (found === '\\u0000' ? REPLACEMENT : found));

/** JSON text for a json parameter, with the same replacement in every string of it. */
export const storableJson = (value: unknown): string => {
  const json = JSON.stringify(value);
  return json.includes('\\u0000') ? replaceNul(json) : json;
};

/**
 * A time in ms since 1970 that Postgres takes, or null: the wire form allows 30 February and the year 0, and a document's time
 * is its author's claim.
 */
export const storableMs = (text: string | null | undefined): number | null => {
  const at = text == null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) || at < 0 || at >= Date.UTC(10_000, 0) ? null : at;
};

/** The same as RFC 3339 UTC milliseconds. */
export const instant = (text: string | null | undefined): string | null => {
  const at = storableMs(text);
  return at === null ? null : new Date(at).toISOString();
};
