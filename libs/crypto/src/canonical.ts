// RFC 8785 canonical JSON. The house form allows safe integers only; nothing is ever rounded, dropped or coerced.
import type { JsonValue } from '@writ/contracts';

/** Why a value has no canonical form. */
export type CanonicalProblem = 'depth' | 'number' | 'surrogate' | 'type';

/** A value that has no canonical form. The message never contains the value. */
export class CanonicalError extends Error {
  override readonly name = 'CanonicalError';
  constructor(
    readonly problem: CanonicalProblem,
    message: string,
  ) {
    super(message);
  }
}

/** How deep a value may be at all; a cycle ends here too. Documents are held to far less. */
export const MAX_DEPTH = 256;

type NumberRule = (value: number) => string;

const safeInteger: NumberRule = (value) => {
  if (!Number.isSafeInteger(value)) throw new CanonicalError('number', 'a number is not a safe integer');
  return String(value);
};

const anyFinite: NumberRule = (value) => {
  if (!Number.isFinite(value)) throw new CanonicalError('number', 'a number is not finite');
  return String(value);
};

/** Characters that stand for themselves between quotes; everything else takes the slow way. */
const PLAIN = /^[ !#-[\]-~]*$/;

const writeString = (text: string): string => {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new CanonicalError('surrogate', 'a string holds a lone surrogate');
  return JSON.stringify(text);
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const writeArray = (items: readonly unknown[], number: NumberRule, room: number): string => {
  let out = '[';
  for (let i = 0; i < items.length; i++) out += (i === 0 ? '' : ',') + write(items[i], number, room);
  return `${out}]`;
};

const writeObject = (value: object, number: NumberRule, room: number): string => {
  if (!isPlain(value)) throw new CanonicalError('type', 'an object is not plain JSON');
  const members = value as Record<string, unknown>;
  let out = '{';
  // The default order is that of UTF-16 code units, as RFC 8785 §3.2.3 demands.
  for (const key of Object.keys(members).sort()) {
    out += `${out.length === 1 ? '' : ','}${writeString(key)}:${write(members[key], number, room)}`;
  }
  return `${out}}`;
};

const write = (value: unknown, number: NumberRule, room: number): string => {
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') return number(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') throw new CanonicalError('type', `${typeof value} is not JSON`);
  if (room === 0) throw new CanonicalError('depth', 'the value is nested too deep');
  return Array.isArray(value) ? writeArray(value, number, room - 1) : writeObject(value, number, room - 1);
};

/**
 * The canonical text of a value: RFC 8785 with safe integers only (negative zero is written `0`). `maxDepth` counts nested
 * arrays and objects. Throws CanonicalError for any other number, a lone surrogate, `undefined` (also as a member), an object
 * that is not plain, or one nested too deep.
 */
export const canonicalize = (value: JsonValue | object, maxDepth: number = MAX_DEPTH): string =>
  write(value, safeInteger, maxDepth);

/**
 * The same with every finite number, written as ECMAScript does (RFC 8785 in full). For foreign formats; nothing of Writ is
 * signed in this form. Throws like `canonicalize`.
 */
export const canonicalizeJcs = (value: JsonValue | object, maxDepth: number = MAX_DEPTH): string =>
  write(value, anyFinite, maxDepth);
