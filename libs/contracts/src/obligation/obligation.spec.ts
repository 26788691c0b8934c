import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Obligation, oblige } from './obligation.js';

const args = fc.dictionary(
  fc.constantFrom('rows', 'days', 'table'),
  fc.oneof(fc.integer(), fc.string(), fc.boolean()),
);
const obligation: fc.Arbitrary<Obligation> = fc.oneof(
  fc.record({
    kind: fc.constant('clamp' as const),
    field: fc.constantFrom('args.rows', 'args.days'),
    max: fc.integer(),
  }),
  fc.record({ kind: fc.constant('set' as const), field: fc.constant('args.dry_run'), value: fc.boolean() }),
  fc.record({ kind: fc.constant('redact' as const), field: fc.constantFrom('args.table', 'args.rows') }),
);

describe('obligations', () => {
  it('applied twice are applied once', () => {
    fc.assert(
      fc.property(args, obligation, (given, o) => {
        const once = oblige(given, [o]);
        if (once.kind === 'refused') return;
        expect(oblige(once.args, [o])).toEqual(once);
      }),
    );
  });

  it('a clamped number never exceeds the cap, and nothing else changes', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (value, max) => {
        expect(oblige({ rows: value, table: 't' }, [{ kind: 'clamp', field: 'args.rows', max }])).toEqual({
          kind: 'obliged',
          args: { rows: Math.min(value, max), table: 't' },
        });
      }),
    );
  });

  it('a kind that is not known refuses, and so does a clamp on what is no number', () => {
    expect(oblige({}, [{ kind: 'sign-off', field: 'args.x' } as unknown as Obligation])).toMatchObject({
      kind: 'refused',
      code: 'WRIT-OBL-001',
    });
    expect(oblige({ rows: 'many' }, [{ kind: 'clamp', field: 'args.rows', max: 3 }])).toMatchObject({
      kind: 'refused',
      code: 'WRIT-OBL-002',
    });
  });

  it('without obligations the arguments stay as they are', () => {
    fc.assert(
      fc.property(args, (given) => {
        expect(oblige(given, [])).toEqual({ kind: 'obliged', args: given });
      }),
    );
  });
});
