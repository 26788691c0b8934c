import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHaltBody } from './halt.js';

describe('the body of a halt', () => {
  it('never fails, and whatever does not parse halts the full scope', () => {
    fc.assert(
      fc.property(fc.string(), (body) => {
        const parsed = parseHaltBody(body);
        expect(Object.keys(parsed).every((key) => key === 'reason' || key === 'tool')).toBe(true);
      }),
    );
    for (const body of [
      '',
      'stop!',
      '{"reason":',
      '[]',
      'null',
      '42',
      '{"tool":"psql"}',
      '{"tool":{"resource":"x"}}',
      '{"tool":{"resource":"","operation":"drop"}}',
    ]) {
      expect(parseHaltBody(body).tool, body).toBeUndefined();
    }
  });

  it('a tool narrows only when both patterns are there', () => {
    const body = '{"reason":"drops","tool":{"resource":"postgres:**","operation":"drop"},"more":1}';
    expect(parseHaltBody(body)).toEqual({
      reason: 'drops',
      tool: { resource: 'postgres:**', operation: 'drop' },
    });
  });
});
