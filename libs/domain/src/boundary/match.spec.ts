// Globs: what they match, what they cover, and that no pattern is slow.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchOperation, matchResource, operationsCover, resourceCovers } from './match.js';

describe('resource patterns', () => {
  it.each([
    ['pg:orders/*', 'pg:orders/1', true],
    ['pg:orders/*', 'pg:orders/1/2', false],
    ['pg:orders/*', 'pg:orders:1', false],
    ['pg:**', 'pg:orders/1/2', true],
    ['pg:*', 'pg:orders', true],
    ['*', 'pg:orders', false],
    ['**', 'pg:orders', true],
    ['pg:ord*s', 'pg:orders', true],
    ['pg:**/1', 'pg:a/b/1', true],
    ['pg:orders', 'pg:orders2', false],
    ['pg:orders', 'PG:orders', false],
    ['a.c', 'abc', false],
  ])('%s on %s: %s', (pattern, resource, expected) => {
    expect(matchResource(pattern, resource)).toBe(expected);
  });

  const part = fc.constantFrom('a', 'b', '/', ':', '*', '**');
  const pattern = fc
    .array(part, { minLength: 1, maxLength: 7 })
    .map((p) => p.join('').replace(/\*{3,}/g, '**'));
  const text = fc.array(fc.constantFrom('a', 'b', '/', ':'), { maxLength: 8 }).map((t) => t.join(''));
  const asRegExp = (p: string, star: string) =>
    new RegExp(`^${p.replace(/\*\*|\*/g, (m) => (m === '**' ? '.*' : star))}$`);

  it('agrees with the regular expression that a pattern stands for', () => {
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(matchResource(p, t)).toBe(asRegExp(p, '[^/:]*').test(t));
        expect(matchOperation(p, t)).toBe(asRegExp(p, '.*').test(t));
      }),
      { numRuns: 2000 },
    );
  });

  it('says that a pattern covers another only if it matches all that the other matches', () => {
    fc.assert(
      fc.property(pattern, pattern, text, (outer, inner, t) => {
        if (resourceCovers(outer, inner) && matchResource(inner, t))
          expect(matchResource(outer, t)).toBe(true);
        if (operationsCover([outer], [inner]) && matchOperation(inner, t)) {
          expect(matchOperation(outer, t)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
    expect(resourceCovers('pg:**', 'pg:orders/*')).toBe(true);
    expect(resourceCovers('pg:*', 'pg:**')).toBe(false);
  });

  it('stays linear on the pattern that ruins a backtracking matcher', () => {
    const started = performance.now();
    expect(matchResource(`${'*a'.repeat(99)}b`, 'a'.repeat(200))).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
