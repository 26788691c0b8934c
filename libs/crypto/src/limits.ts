// How large and deep a text from outside may be, and how a reader refuses one. Reasons never contain the text.
import { isUtf8 } from 'node:buffer';
import { type Code, DocumentLimits, type JsonValue } from '@writ/contracts';

/** How large (bytes of UTF-8) and how deep (nested arrays and objects) a text may be. Default: those of any document. */
export type Limits = { readonly maxBytes?: number; readonly maxDepth?: number };

/** A value, or why there is none: WRIT-FRM-002 too large, -004 not the form demanded, -012 too deep. */
export type Parsed =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly code: Code; readonly reason: string };

type Failed = Extract<Parsed, { ok: false }>;

/** A refusal to read. */
export const unreadable = (code: Code, reason: string): Failed => ({ ok: false, code, reason });

/** The limits, with those of any document (48 KiB, 32 levels) where none is given. */
export const limitsOf = (limits: Limits | undefined): Required<Limits> => ({
  maxBytes: limits?.maxBytes ?? DocumentLimits.any.maxBytes,
  maxDepth: limits?.maxDepth ?? DocumentLimits.any.maxDepth,
});

/** The text of UTF-8 bytes within the limit, or why not. A byte order mark is kept, so that it is refused later. */
export const readText = (input: string | Uint8Array, maxBytes: number): string | Failed => {
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (size > maxBytes) return unreadable('WRIT-FRM-002', `${size} bytes, at most ${maxBytes}`);
  if (typeof input === 'string') return input;
  if (!isUtf8(input)) return unreadable('WRIT-FRM-004', 'not UTF-8');
  return Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('utf8');
};
