// Owns what may not be printed. Pure: it copies what it is given and never changes it.

const REDACTED = '[redacted]';
const MAX_DEPTH = 6;
const MAX_TEXT = 512;
const MAX_STACK = 4096;
const NAMES = new Set(
  (
    'args arguments argument params parameters payload body bytes frame seed private privatekey secret d key kek keymaterial ' +
    'password pass token authorization cookie disclosure disclosures salt reason goal reasoning prompt evidence result results ' +
    'state preserved text nkey jwk connectionstring databaseurl'
  ).split(' '),
);

/** A copy of a log object in which nothing private is left, at any depth. */
export function censor(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, field(name, value, 1)]));
}

function field(name: string, value: unknown, depth: number): unknown {
  if (NAMES.has(name.toLowerCase().replace(/[_-]/g, '')) && value !== undefined) return REDACTED;
  return clean(value, depth);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return withoutPasswords(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return depth === 1 ? value : describeError(value);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, field(name, inner, depth + 1)]),
  );
}

function withoutPasswords(text: string, longest = MAX_TEXT): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}...` : text;
  return cut.replace(/(\w+:\/\/)[^\s/@]+@/g, '$1***@').replace(/\bS[UANOCXP][A-Z2-7]{56}\b/g, REDACTED);
}

/** An error as type, code, message, stack and cause; its own fields are left out, since libraries put values into them. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return clean(error, 1);
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: withoutPasswords(error.message),
    stack: withoutPasswords(error.stack ?? '', MAX_STACK),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}
