// A strict JSON reader for bytes from outside: no duplicate names, no lone surrogates, bounded size and depth, safe integers.
import type { JsonValue } from '@writ/contracts';

/** Bounds of a document. Depth counts nested arrays and objects. */
export type Limits = { readonly maxBytes?: number; readonly maxDepth?: number };

export type ParseFailure =
  | 'malformed'
  | 'duplicate-name'
  | 'lone-surrogate'
  | 'unsafe-number'
  | 'too-deep'
  | 'too-large';
export type Parsed =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly failure: ParseFailure; readonly reason: string };

class Stop extends Error {
  constructor(
    readonly failure: ParseFailure,
    reason: string,
  ) {
    super(reason);
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]+|\\.)*"/sy;
const SPACE = /[ \t\n\r]*/y;

type Reader = { readonly text: string; at: number; readonly maxDepth: number };

const skip = (r: Reader): void => {
  SPACE.lastIndex = r.at;
  SPACE.test(r.text);
  r.at = SPACE.lastIndex;
};

const match = (r: Reader, pattern: RegExp): string => {
  pattern.lastIndex = r.at;
  const found = pattern.exec(r.text);
  if (found === null) throw new Stop('malformed', `unexpected character at ${r.at}`);
  r.at = pattern.lastIndex;
  return found[0];
};

const unescaped = (token: string): string => {
  try {
    return JSON.parse(token) as string;
  } catch {
    throw new Stop('malformed', 'a text is not JSON');
  }
};

const readString = (r: Reader): string => {
  const value = unescaped(match(r, STRING));
  if (!value.isWellFormed()) throw new Stop('lone-surrogate', 'a text has a lone surrogate');
  return value;
};

const readNumber = (r: Reader): number => {
  const value = Number(match(r, NUMBER));
  if (!Number.isSafeInteger(value)) throw new Stop('unsafe-number', 'a number is not a safe integer');
  return value;
};

const expect = (r: Reader, word: string): void => {
  if (!r.text.startsWith(word, r.at)) throw new Stop('malformed', `unexpected character at ${r.at}`);
  r.at += word.length;
};

const literal = <T>(r: Reader, word: string, value: T): T => {
  expect(r, word);
  return value;
};

const more = (r: Reader, close: string): boolean => {
  skip(r);
  if (r.text[r.at] === ',') {
    r.at += 1;
    skip(r);
    return true;
  }
  expect(r, close);
  return false;
};

const readArray = (r: Reader, depth: number): JsonValue => {
  expect(r, '[');
  skip(r);
  const items: JsonValue[] = [];
  if (r.text[r.at] === ']') return literal(r, ']', items);
  do items.push(readValue(r, depth));
  while (more(r, ']'));
  return items;
};

const readObject = (r: Reader, depth: number): JsonValue => {
  expect(r, '{');
  skip(r);
  const members = new Map<string, JsonValue>();
  if (r.text[r.at] === '}') return literal(r, '}', {});
  do {
    const name = readString(r);
    if (members.has(name)) throw new Stop('duplicate-name', 'a name stands twice in an object');
    skip(r);
    expect(r, ':');
    skip(r);
    members.set(name, readValue(r, depth));
  } while (more(r, '}'));
  return Object.fromEntries(members);
};

const readValue = (r: Reader, depth: number): JsonValue => {
  const c = r.text[r.at];
  if ((c === '{' || c === '[') && depth >= r.maxDepth)
    throw new Stop('too-deep', `deeper than ${r.maxDepth}`);
  if (c === '{') return readObject(r, depth + 1);
  if (c === '[') return readArray(r, depth + 1);
  if (c === '"') return readString(r);
  if (c === 't') return literal(r, 'true', true);
  if (c === 'f') return literal(r, 'false', false);
  if (c === 'n') return literal(r, 'null', null);
  return readNumber(r);
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 text of bytes; undefined when they are not UTF-8. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

/** Parses JSON from outside. Guarantees: bounded in size and depth; every name once; well-formed texts; safe integers only. Never throws. */
export const parseStrict = (input: string | Uint8Array, limits: Limits = {}): Parsed => {
  const { maxBytes = 1 << 20, maxDepth = 64 } = limits;
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (size > maxBytes) return { ok: false, failure: 'too-large', reason: `larger than ${maxBytes} bytes` };
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text === undefined) return { ok: false, failure: 'malformed', reason: 'not UTF-8' };
  const reader: Reader = { text, at: 0, maxDepth };
  try {
    skip(reader);
    const value = readValue(reader, 0);
    skip(reader);
    if (reader.at !== text.length) throw new Stop('malformed', `something follows at ${reader.at}`);
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Stop) return { ok: false, failure: error.failure, reason: error.message };
    throw error;
  }
};
