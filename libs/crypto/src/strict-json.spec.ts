import { describe, expect, it } from 'vitest';
import { parseStrict } from './strict-json.js';

const reasonOf = (input: string | Uint8Array, maxDepth = 32): string => {
  const parsed = parseStrict(input, { maxDepth });
  return parsed.ok ? `accepted ${JSON.stringify(parsed.value)}` : `${parsed.code} ${parsed.reason}`;
};

describe('parseStrict', () => {
  it('reads ordinary JSON in any spelling', () => {
    const text =
      ' {"b" : [ 1 , -2, true,false ,null ] ,\r\n\t"a":"\\u00e9\\n\\ud83d\\ude00", "c":{ }, "d":[ ] } ';
    expect(parseStrict(text)).toEqual({
      ok: true,
      value: { b: [1, -2, true, false, null], a: 'é\n😀', c: {}, d: [] },
    });
  });

  it('reads numbers that are exactly integers, and negative zero as 0', () => {
    for (const [text, value] of [
      ['1.0', 1],
      ['1e0', 1],
      ['1.50e1', 15],
      ['120e-1', 12],
      ['9007199254740991', 2 ** 53 - 1],
      ['-0', 0],
      ['-0.0', 0],
      ['0e999999', 0],
    ] as const) {
      const parsed = parseStrict(text);
      expect(parsed.ok && Object.is(parsed.value, value), text).toBe(true);
    }
  });

  it.each([
    '9007199254740992',
    '1e21',
    '1.5',
    '1e-1',
    '9007199254740990.6',
    '1.00000000000000000000001',
    '1e-400',
    '1e400',
  ])('refuses %s, which is not exactly a safe integer', (text) => {
    expect(reasonOf(text)).toBe('WRIT-FRM-004 not a safe integer at character 0');
  });

  it.each([
    ['{"a":1,"a":2}', 'a member name comes twice'],
    ['{"a":1,"\\u0061":2}', 'a member name comes twice'],
    ['{"__proto__":1,"__proto__":2}', 'a member name comes twice'],
    ['{"o":{"k":1,"k":2}}', 'a member name comes twice'],
    ['"\\ud800"', 'lone surrogate'],
    ['"\\udc00\\ud800"', 'lone surrogate'],
    ['{"\\ud800":1}', 'lone surrogate'],
    ['"\ud800"', 'lone surrogate'],
    ['{} {}', 'trailing data'],
    ['1 2', 'trailing data'],
    ['01', 'trailing data'],
    ['1.', 'trailing data'],
    ['truex', 'trailing data'],
    ['[1,]', 'a value expected'],
    ['[,1]', 'a value expected'],
    ['', 'a value expected'],
    ['+1', 'a value expected'],
    ['.5', 'a value expected'],
    ['NaN', 'a value expected'],
    ["'a'", 'a value expected'],
    ['// x\n1', 'a value expected'],
    ['\ufeff1', 'a value expected'],
    ['\u00a01', 'a value expected'],
    ['{"a":1,}', 'a member name expected'],
    ['{a:1}', 'a member name expected'],
    ['{"a" 1}', "':' expected"],
    ['{"a":1', "'}' expected"],
    ['[1 2]', "']' expected"],
    ['"a', 'unclosed string'],
    ['"a\\', 'unclosed string'],
    ['"\\x"', 'bad escape'],
    ['"\\u12g4"', 'bad escape'],
    ['"\n"', 'bad escape or control character'],
  ])('refuses %j: %s', (text, reason) => {
    expect(reasonOf(text)).toContain(`WRIT-FRM-004 ${reason}`);
  });

  it('bounds depth and size, and names no content in its reasons', () => {
    expect(reasonOf('[[[]]]', 3)).toMatch(/^accepted/);
    expect(reasonOf('[[[[]]]]', 3)).toBe('WRIT-FRM-012 nested too deep at character 3');
    expect(parseStrict('"secret"', { maxBytes: 7 })).toEqual({
      ok: false,
      code: 'WRIT-FRM-002',
      reason: '8 bytes, at most 7',
    });
    expect(reasonOf('{"secret":1,"secret":2}')).not.toContain('secret');
    expect(reasonOf(Buffer.from('22ff22', 'hex'))).toBe('WRIT-FRM-004 not UTF-8');
  });

  it('makes an own member of __proto__ and leaves the prototype alone', () => {
    const parsed = parseStrict('{"__proto__":{"admin":true}}');
    const value = parsed.ok ? (parsed.value as Record<string, unknown>) : {};
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value['admin']).toBeUndefined();
  });
});
