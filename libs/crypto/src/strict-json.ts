// A strict JSON reader for people's and foreign input, which need not be canonical. Never guesses, repairs or rounds.
import type { JsonValue } from '@writ/contracts';
import { type Limits, limitsOf, type Parsed, readText, unreadable } from './limits.js';

class StrictJsonError extends Error {
  constructor(
    readonly code: 'WRIT-FRM-004' | 'WRIT-FRM-012',
    reason: string,
    at: number,
  ) {
    super(`${reason} at character ${at}`);
  }
}

type Cursor = { readonly text: string; readonly doubles: boolean; at: number };

const fail = (cursor: Cursor, reason: string): never => {
  throw new StrictJsonError('WRIT-FRM-004', reason, cursor.at);
};

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?/y;
const LITERAL = /true|false|null/y;

const match = (pattern: RegExp, cursor: Cursor): RegExpExecArray | null => {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found !== null) cursor.at = pattern.lastIndex;
  return found;
};

/** Whether the next character after white space is this one; moves behind it if so. */
const take = (cursor: Cursor, character: string): boolean => {
  match(SPACE, cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
};

const expect = (cursor: Cursor, character: string): void => {
  if (!take(cursor, character)) fail(cursor, `'${character}' expected`);
};

const closingQuote = (cursor: Cursor): number => {
  const { text } = cursor;
  for (let i = cursor.at + 1; i < text.length; i++) {
    if (text[i] === '"') return i;
    if (text[i] === '\\') i += 1;
  }
  return fail(cursor, 'unclosed string');
};

const unescaped = (cursor: Cursor, token: string): string => {
  try {
    return JSON.parse(token) as string;
  } catch {
    return fail(cursor, 'bad escape or control character in a string');
  }
};

const readString = (cursor: Cursor): string => {
  const end = closingQuote(cursor) + 1;
  const text = unescaped(cursor, cursor.text.slice(cursor.at, end));
  if (!text.isWellFormed()) fail(cursor, 'lone surrogate in a string');
  cursor.at = end;
  return text;
};

/** Whether the decimal digits, moved by the exponent, leave nothing behind the point. Exact: no floating point. */
const isInteger = (whole: string, fraction: string, exponent: number): boolean => {
  const digits = `${whole}${fraction}`;
  const behind = fraction.length - exponent;
  return behind <= 0 || /^0*$/.test(digits.slice(Math.max(0, digits.length - behind)));
};

/** Whether a double stands for the number: finite, and exactly where it is written as a whole number. */
const isDouble = (text: string, value: number): boolean =>
  Number.isFinite(value) && (!/^-?[0-9]+$/.test(text) || BigInt(text) === BigInt(value));

const readNumber = (cursor: Cursor): number => {
  const start = cursor.at;
  const found = match(NUMBER, cursor) ?? fail(cursor, 'a value expected');
  const value = Number(found[0]);
  if (Number.isSafeInteger(value) && isInteger(found[1] ?? '', found[2] ?? '', Number(found[3] ?? 0))) {
    return value === 0 ? 0 : value;
  }
  if (cursor.doubles && isDouble(found[0], value)) return value;
  cursor.at = start;
  return fail(cursor, cursor.doubles ? 'not a number that a double can hold' : 'not a safe integer');
};

const readArray = (cursor: Cursor, room: number): JsonValue => {
  const items: JsonValue[] = [];
  if (take(cursor, ']')) return items;
  do items.push(readValue(cursor, room));
  while (take(cursor, ','));
  expect(cursor, ']');
  return items;
};

const readObject = (cursor: Cursor, room: number): JsonValue => {
  const members = new Map<string, JsonValue>();
  if (take(cursor, '}')) return {};
  do {
    match(SPACE, cursor);
    if (cursor.text[cursor.at] !== '"') fail(cursor, 'a member name expected');
    const name = readString(cursor);
    if (members.has(name)) fail(cursor, 'a member name comes twice');
    expect(cursor, ':');
    members.set(name, readValue(cursor, room));
  } while (take(cursor, ','));
  expect(cursor, '}');
  return Object.fromEntries(members);
};

const readValue = (cursor: Cursor, room: number): JsonValue => {
  match(SPACE, cursor);
  const first = cursor.text[cursor.at];
  if (first === '"') return readString(cursor);
  if (first !== '{' && first !== '[') {
    const literal = match(LITERAL, cursor);
    return literal === null ? readNumber(cursor) : (JSON.parse(literal[0]) as JsonValue);
  }
  if (room === 0) throw new StrictJsonError('WRIT-FRM-012', 'nested too deep', cursor.at);
  cursor.at += 1;
  return first === '{' ? readObject(cursor, room - 1) : readArray(cursor, room - 1);
};

const readAll = (text: string, maxDepth: number, doubles: boolean): JsonValue => {
  const cursor: Cursor = { text, doubles, at: 0 };
  const value = readValue(cursor, maxDepth);
  match(SPACE, cursor);
  if (cursor.at !== text.length) fail(cursor, 'trailing data');
  return value;
};

const parse = (input: string | Uint8Array, limits: Limits | undefined, doubles: boolean): Parsed => {
  const { maxBytes, maxDepth } = limitsOf(limits);
  const text = readText(input, maxBytes);
  if (typeof text !== 'string') return text;
  try {
    return { ok: true, value: readAll(text, maxDepth, doubles) };
  } catch (error) {
    if (error instanceof StrictJsonError) return unreadable(error.code, error.message);
    throw error;
  }
};

/**
 * Parses JSON (RFC 8259) that need not be canonical. Refuses duplicate member names (after unescaping), lone surrogates, numbers
 * that are not exactly a safe integer (`1.0` and `1e0` are; `-0` reads as 0, its canonical form), too much depth, a byte order
 * mark and trailing data. Reasons name the position and never the content. Total: never throws on any input.
 */
export const parseStrict = (input: string | Uint8Array, limits?: Limits): Parsed =>
  parse(input, limits, false);

/**
 * The same with every finite number, for foreign formats (RFC 8785 in full): a fraction reads as the nearest double, a whole number
 * only where a double holds exactly it. Nothing of Writ is read like this.
 */
export const parseStrictJcs = (input: string | Uint8Array, limits?: Limits): Parsed =>
  parse(input, limits, true);
