// RFC 8785 canonical JSON. The house form allows safe integers only; the full form serves foreign documents.
import type { JsonValue } from '@writ/contracts';

/** A value that has no canonical form: an unsafe number, a lone surrogate, something that is not JSON. */
export class CanonicalError extends Error {
  override readonly name = 'CanonicalError';
}

type NumberText = (value: number) => string;

const jcsNumber: NumberText = (value) => {
  if (!Number.isFinite(value)) throw new CanonicalError('a number is not finite');
  return Object.is(value, -0) ? '0' : String(value);
};

const safeInteger: NumberText = (value) => {
  if (!Number.isSafeInteger(value)) throw new CanonicalError('a number is not a safe integer');
  return Object.is(value, -0) ? '0' : String(value);
};

const text = (value: string): string => {
  if (!value.isWellFormed()) throw new CanonicalError('a text has a lone surrogate');
  return JSON.stringify(value);
};

const write = (value: unknown, number: NumberText): string => {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'number':
      return number(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return Array.isArray(value)
        ? writeArray(value, number)
        : writeObject(value as Record<string, unknown>, number);
    default:
      throw new CanonicalError(`a ${typeof value} is not JSON`);
  }
};

const writeArray = (items: readonly unknown[], number: NumberText): string => {
  let out = '[';
  for (let i = 0; i < items.length; i++) out += (i === 0 ? '' : ',') + write(items[i], number);
  return `${out}]`;
};

const writeObject = (object: Record<string, unknown>, number: NumberText): string => {
  let out = '';
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value === undefined) continue;
    out += `${out === '' ? '' : ','}${text(key)}:${write(value, number)}`;
  }
  return `{${out}}`;
};

/** Canonical JSON of the house: RFC 8785 with safe integers only. Members that are undefined are left out. Throws CanonicalError. */
export const canonicalize = (value: JsonValue | object): string => write(value, safeInteger);

/** Full RFC 8785 with ECMAScript number serialisation, for documents of others. Throws CanonicalError. */
export const canonicalizeJcs = (value: JsonValue | object): string => write(value, jcsNumber);
