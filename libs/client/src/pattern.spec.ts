// The patterns of a halt against the same thing written as a regular expression.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { operationMatches, resourceMatches, toolCovers } from './pattern.js';

it.each([
  ['db:prod/*', 'db:prod/orders', true],
  ['db:prod/*', 'db:prod/orders/7', false],
  ['db:prod/**', 'db:prod/orders/7', true],
  ['**', 'anything:at/all', true],
  ['*', 'db:prod', false],
  ['db:*/orders', 'db:prod/orders', true],
  ['db:prod', 'db:prod2', false],
])('the resource pattern %s on %s: %s', (pattern, resource, expected) => {
  expect(resourceMatches(pattern, resource)).toBe(expected);
});

it('an operation pattern takes any text for a star', () => {
  expect(operationMatches('drop.*', 'drop.table')).toBe(true);
  expect(operationMatches('*', 'x')).toBe(true);
  expect(operationMatches('drop', 'dropped')).toBe(false);
});

it('a halt without a tool covers every action', () => {
  expect(toolCovers(undefined, { resource: 'x', operation: 'y' })).toBe(true);
});

it('matching agrees with the regular expression that means the same', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':', '*', '**'), maxLength: 6 });
  const regex = (p: string) =>
    new RegExp(`^${p.replace(/\*\*|\*/g, (star) => (star === '**' ? '.*' : '[^/:]*'))}$`);
  fc.assert(
    fc.property(pattern, text, (p, t) => {
      expect(resourceMatches(p, t)).toBe(regex(p).test(t));
    }),
    { numRuns: 3000 },
  );
});

it('no pattern is slow', () => {
  const started = performance.now();
  expect(resourceMatches('**a'.repeat(66), 'a'.repeat(65).padEnd(200, 'b'))).toBe(false);
  expect(performance.now() - started).toBeLessThan(100);
});
