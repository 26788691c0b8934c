import { describe, expect, it } from 'vitest';
import { CanonicalError, canonicalize, canonicalizeJcs, MAX_DEPTH } from './canonical.js';

const problemOf = (value: unknown): string => {
  try {
    return `accepted ${canonicalize(value as object)}`;
  } catch (error) {
    return error instanceof CanonicalError ? error.problem : `threw ${String(error)}`;
  }
};

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

describe('canonicalize', () => {
  it('orders member names by UTF-16 code units, also those that look like array indices', () => {
    expect(canonicalize({ b: 1, a: 2, 10: 3, 9: 4, '': 5 })).toBe('{"":5,"10":3,"9":4,"a":2,"b":1}');
    expect(canonicalize({ '\uff61': 1, '\u{1f600}': 2 })).toBe('{"\u{1f600}":2,"\uff61":1}');
  });

  it('escapes only what RFC 8785 escapes', () => {
    expect(canonicalize('\u0000\b\t\n\f\r\u001f"\\/\u007f\u2028é😀')).toBe(
      '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f\u2028é😀"',
    );
  });

  it('keeps a member named __proto__ as an ordinary member', () => {
    expect(canonicalize(JSON.parse('{"__proto__":{"a":1},"z":2}'))).toBe('{"__proto__":{"a":1},"z":2}');
  });

  it('writes the largest safe integers and negative zero as 0', () => {
    expect(canonicalize([2 ** 53 - 1, -(2 ** 53 - 1), -0])).toBe('[9007199254740991,-9007199254740991,0]');
  });

  it.each([
    ['an unsafe integer', 2 ** 53, 'number'],
    ['a fraction', 0.5, 'number'],
    ['NaN', Number.NaN, 'number'],
    ['Infinity', Number.POSITIVE_INFINITY, 'number'],
    ['a lone high surrogate', { a: 'x\ud800' }, 'surrogate'],
    ['a lone low surrogate in a name', { '\udc00': 1 }, 'surrogate'],
    ['undefined', undefined, 'type'],
    ['an undefined member', { a: undefined }, 'type'],
    ['a hole in an array', new Array(2), 'type'],
    ['a bigint', 1n, 'type'],
    ['a function', () => 1, 'type'],
    ['a date', new Date(0), 'type'],
    ['a map', new Map([['a', 1]]), 'type'],
    ['bytes', new Uint8Array(2), 'type'],
  ])('refuses %s', (_, value, problem) => {
    expect(problemOf(value)).toBe(problem);
  });

  it('refuses what is nested too deep, and a cycle, instead of overflowing the stack', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(problemOf(cycle)).toBe('depth');
    expect(problemOf(nested(MAX_DEPTH))).toMatch(/^accepted/);
    expect(problemOf(nested(MAX_DEPTH + 1))).toBe('depth');
    expect(problemOf(nested(40_000))).toBe('depth');
  });

  it('never shows the value in its error', () => {
    expect(() => canonicalize({ secret: 'hunter2\ud800' })).toThrow(/^a string holds a lone surrogate$/);
  });
});

describe('canonicalizeJcs', () => {
  it('writes numbers as ECMAScript does', () => {
    expect(canonicalizeJcs([0.1, 1e21, 1e-7, 333333333.3333333, -0])).toBe(
      '[0.1,1e+21,1e-7,333333333.3333333,0]',
    );
    expect(() => canonicalizeJcs([Number.NaN])).toThrow(CanonicalError);
  });
});
