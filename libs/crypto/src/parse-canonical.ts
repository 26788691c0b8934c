// Reads a document that must be its own canonical form: canonical(parse(bytes)) === bytes (ARCHITECTURE §3).
import type { JsonValue } from '@writ/contracts';
import { CanonicalError, canonicalize } from './canonical.js';
import { decodeUtf8, type Limits } from './strict-json.js';

export type CanonicalParsed =
  | { readonly ok: true; readonly value: JsonValue }
  | {
      readonly ok: false;
      readonly code: 'WRIT-FRM-002' | 'WRIT-FRM-004' | 'WRIT-FRM-012';
      readonly reason: string;
    };

const depthWithin = (text: string, maxDepth: number): boolean => {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i += 1;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return false;
    } else if (c === 0x7d || c === 0x5d) depth -= 1;
  }
  return true;
};

const bad = (code: 'WRIT-FRM-002' | 'WRIT-FRM-004' | 'WRIT-FRM-012', reason: string): CanonicalParsed => ({
  ok: false,
  code,
  reason,
});

/**
 * Parses canonical JSON. Refuses anything that is not byte for byte its own canonical form: duplicate names, lone surrogates,
 * other number spellings, white space. Codes: WRIT-FRM-002 too large, -012 too deep, -004 everything else. Never throws.
 */
export const parseCanonical = (input: string | Uint8Array, limits: Limits = {}): CanonicalParsed => {
  const { maxBytes = 48 * 1024, maxDepth = 32 } = limits;
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (size > maxBytes) return bad('WRIT-FRM-002', `larger than ${maxBytes} bytes`);
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text === undefined) return bad('WRIT-FRM-004', 'not UTF-8');
  if (!depthWithin(text, maxDepth)) return bad('WRIT-FRM-012', `deeper than ${maxDepth}`);
  try {
    const value = JSON.parse(text) as JsonValue;
    return canonicalize(value as object) === text
      ? { ok: true, value }
      : bad('WRIT-FRM-004', 'not canonical');
  } catch (error) {
    return bad('WRIT-FRM-004', error instanceof CanonicalError ? error.message : 'not JSON');
  }
};
