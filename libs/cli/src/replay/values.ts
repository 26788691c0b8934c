// Owns how recorded JSON values become values that can be signed, and how two of them are compared. It reads no transcript.
import type { JsonValue } from '@writ/contracts';

/** A value that can stand in a signed document, or why it cannot. */
export type Committable =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly reason: string };

const MAX_NESTING = 20;

/**
 * Makes a parsed JSON value fit to be signed: safe integers stay, every other number becomes its shortest decimal string without
 * exponent (12.50 -> "12.5", 1e21 -> "1000000000000000000000"). Not fit: a number beyond double precision's range, a lone
 * surrogate, more than 20 levels. Pure; the reason never holds the value.
 */
export function committable(value: unknown, depth = 0): Committable {
  if (depth > MAX_NESTING) return unfit(`more than ${MAX_NESTING} levels deep`);
  if (typeof value === 'number') return ofNumber(value);
  if (typeof value === 'string')
    return isWellFormed(value) ? fit(value) : unfit('a lone surrogate in a text');
  if (value === null || typeof value === 'boolean') return fit(value);
  if (Array.isArray(value)) return ofList(value, depth);
  return typeof value === 'object' ? ofObject(value, depth) : unfit('not JSON');
}

const fit = (value: JsonValue): Committable => ({ ok: true, value });
const unfit = (reason: string): Committable => ({ ok: false, reason });
const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text);

function ofNumber(value: number): Committable {
  if (!Number.isFinite(value)) return unfit('a number beyond the range of a double');
  return fit(Number.isSafeInteger(value) ? value + 0 : plainDecimal(value));
}

/** The shortest digits that read back as the same double, without an exponent. */
function plainDecimal(value: number): string {
  const [digits = '', exponent] = String(Math.abs(value)).split('e');
  const sign = value < 0 ? '-' : '';
  if (exponent === undefined) return sign + digits;
  const [whole = '', fraction = ''] = digits.split('.');
  const point = whole.length + Number(exponent);
  const all = whole + fraction;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`;
  const padded = all.padEnd(point, '0');
  return sign + padded.slice(0, point) + (padded.length > point ? `.${padded.slice(point)}` : '');
}

function ofList(list: readonly unknown[], depth: number): Committable {
  const items: JsonValue[] = [];
  for (const item of list) {
    const made = committable(item, depth + 1);
    if (!made.ok) return made;
    items.push(made.value);
  }
  return fit(items);
}

function ofObject(object: object, depth: number): Committable {
  const members: [string, JsonValue][] = [];
  for (const [name, member] of Object.entries(object)) {
    if (!isWellFormed(name)) return unfit('a lone surrogate in a name');
    const made = committable(member, depth + 1);
    if (!made.ok) return made;
    members.push([name, made.value]);
  }
  return fit(Object.fromEntries(members));
}

/** A text that is equal for equal JSON values: names sorted, arrays in order, numbers by value (5.0 is 5, and not "5"). */
export function comparable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(comparable).join(',')}]`;
  if (typeof value === 'number') return JSON.stringify(value + 0);
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${comparable(member)}`).join(',')}}`;
}
