import { DocumentLimits } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { parseCanonical } from './parse-canonical.js';

const codeOf = (input: string | Uint8Array, limits?: { maxBytes?: number; maxDepth?: number }): string => {
  const parsed = parseCanonical(input, limits);
  return parsed.ok ? 'ok' : parsed.code;
};

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseCanonical', () => {
  it('gives the value of a canonical text, from a string and from bytes', () => {
    const text = '{"10":"é😀","9":[null,true,-1],"a":{}}';
    const value = { 10: 'é😀', 9: [null, true, -1], a: {} };
    expect(parseCanonical(text)).toEqual({ ok: true, value });
    expect(parseCanonical(Buffer.from(text))).toEqual({ ok: true, value });
  });

  it.each([
    ['a duplicate name', '{"a":1,"a":1}'],
    ['names out of order', '{"b":1,"a":2}'],
    ['index-like names in numeric order', '{"9":1,"10":2}'],
    ['white space', '{"a": 1}'],
    ['white space behind', '{"a":1}\n'],
    ['trailing data', '{"a":1}{}'],
    ['an escaped letter', '"\\u0061"'],
    ['an escaped slash', '"\\/"'],
    ['an upper-case escape', '"\\u001F"'],
    ['a long escape of a line feed', '"\\u000a"'],
    ['a lone surrogate', '"\\ud800"'],
    ['negative zero', '-0'],
    ['1.0', '1.0'],
    ['1e0', '1e0'],
    ['a fraction', '1.5'],
    ['an unsafe integer', '9007199254740992'],
    ['a huge exponent', '1e999'],
    ['a raw control character', '"\u0001"'],
    ['a leading zero', '01'],
    ['nothing', ''],
    ['a word', 'undefined'],
  ])('refuses %s with WRIT-FRM-004', (_, text) => {
    expect(codeOf(text)).toBe('WRIT-FRM-004');
    expect(codeOf(Buffer.from(text))).toBe('WRIT-FRM-004');
  });

  it('refuses a byte order mark, bytes that are not UTF-8, overlong forms and encoded surrogates', () => {
    for (const hex of ['efbbbf7b7d', '22ff22', '22c0af22', '22eda08022', '22f490808022', '22c3']) {
      expect(codeOf(Buffer.from(hex, 'hex')), hex).toBe('WRIT-FRM-004');
    }
    expect(codeOf('\ufeff{}')).toBe('WRIT-FRM-004');
    expect(codeOf('"\ud800"')).toBe('WRIT-FRM-004');
  });

  it('holds an intent to 12 KiB and 24 levels, any document to 48 KiB and 32', () => {
    for (const limits of [DocumentLimits.intent, DocumentLimits.any]) {
      const { maxBytes, maxDepth } = limits;
      expect(codeOf(`"${'a'.repeat(maxBytes - 2)}"`, limits)).toBe('ok');
      expect(codeOf(`"${'a'.repeat(maxBytes - 1)}"`, limits)).toBe('WRIT-FRM-002');
      expect(codeOf(nested(maxDepth), limits)).toBe('ok');
      expect(codeOf(nested(maxDepth + 1), limits)).toBe('WRIT-FRM-012');
    }
    expect(codeOf(nested(32))).toBe('ok');
    expect(codeOf(nested(33))).toBe('WRIT-FRM-012');
    expect(codeOf(`"${'é'.repeat(24 * 1024)}"`)).toBe('WRIT-FRM-002');
  });

  it('takes a backslash before ud800 for what it is, and refuses a lone surrogate wherever it stands', () => {
    expect(parseCanonical('{"a":"\\\\ud800"}')).toEqual({ ok: true, value: { a: '\\ud800' } });
    expect(codeOf('{"a":["\\ud800"]}')).toBe('WRIT-FRM-004');
    expect(codeOf('{"\\udc00":1}')).toBe('WRIT-FRM-004');
  });

  it('survives the deepest text that fits', () => {
    expect(codeOf(nested(24 * 1024))).toBe('WRIT-FRM-012');
    expect(codeOf('['.repeat(48 * 1024))).toBe('WRIT-FRM-004');
  });
});
