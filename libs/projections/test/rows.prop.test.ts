// Netting a batch has the effect of its changes one by one; what Postgres cannot store is replaced and nothing else.
import { matchResource } from '@writ/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, storableJson } from '../src/database/values.js';
import { regexOf } from '../src/queries/pattern.js';
import type { Change } from '../src/rows/change.js';
import { netStatements } from '../src/rows/net.js';

type Table = Map<string, Record<string, unknown>>;

const applyOne = (
  table: Table,
  op: Change['op'],
  id: string,
  set: Readonly<Record<string, unknown>>,
): void => {
  const row = table.get(id);
  if (op === 'delete') table.delete(id);
  else if (op === 'insert' && row === undefined) table.set(id, { ...set });
  else if (op === 'upsert') table.set(id, { ...row, ...set });
  else if (op === 'update' && row !== undefined) table.set(id, { ...row, ...set });
};

const change = fc.record({
  op: fc.constantFrom('insert' as const, 'upsert' as const, 'update' as const, 'delete' as const),
  table: fc.constant('environments' as const),
  key: fc.record({ environment: fc.constantFrom('a', 'b', 'c') }),
  set: fc.dictionary(fc.constantFrom('created_at', 'opened_at', 'x'), fc.nat(9), { maxKeys: 3 }),
});

describe('netting', () => {
  it('has the effect of the changes one by one, whatever rows there were', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.subarray(['a', 'b', 'c']), (changes, present) => {
        const [one, netted]: [Table, Table] = [new Map(), new Map()];
        for (const id of present) for (const table of [one, netted]) table.set(id, { created_at: -1 });
        for (const { op, key, set } of changes)
          applyOne(one, op, key.environment, op === 'delete' ? {} : set);
        for (const { op, base, set, rows } of netStatements(changes)) {
          expect(new Set(rows.map((row) => row['environment'])).size).toBe(rows.length);
          const pick = (row: Readonly<Record<string, unknown>>, columns: readonly string[]) =>
            Object.fromEntries(columns.map((column) => [column, row[column]]));
          for (const row of rows) {
            const id = String(row['environment']);
            if (op === 'write') applyOne(netted, 'insert', id, pick(row, [...base, ...set]));
            applyOne(netted, op === 'write' ? 'update' : op, id, pick(row, set));
          }
        }
        expect(netted).toEqual(one);
      }),
    );
  });

  it('makes one statement of many rows of one shape', () => {
    const changes = Array.from({ length: 500 }, (_, n) => ({
      op: 'update' as const,
      table: 'actions' as const,
      key: { environment: 'e', agent: 'a', intent_id: String(n) },
      set: { outcome: 'succeeded' },
    }));
    expect(netStatements(changes)).toHaveLength(1);
  });
});

const withoutNul = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(withoutNul);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [withoutNul(k), withoutNul(v)]));
};

describe('values', () => {
  it('replaces NUL in JSON and leaves everything else, backslashes before u0000 included', () => {
    const text = fc.string({ unit: fc.constantFrom('\0', '\\', 'u0000', 'u', '0', '"', 'é') });
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.dictionary(fc.constantFrom('k', 'k\\'), text))), (value) => {
        expect(JSON.parse(storableJson(value))).toEqual(withoutNul(value));
        expect(storableJson(value)).not.toMatch(/(?<!\\)(?:\\\\)*\\u0000/);
      }),
    );
  });

  it('gives a time that Postgres takes, or none', () => {
    expect(instant('2026-03-01T10:00:00.000Z')).toBe('2026-03-01T10:00:00.000Z');
    expect(instant('0000-01-01T00:00:00.000Z')).toBeNull();
    expect(instant('no time')).toBeNull();
    expect(instant(undefined)).toBeNull();
  });
});

describe('resource patterns', () => {
  it('match in the read model exactly what they match in a boundary', () => {
    const part = fc.constantFrom('a', 'b', '/', ':', '.', '-', '_');
    const pattern = fc.array(fc.oneof(part, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 8 });
    const resource = fc.array(part, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(pattern, resource, (p, r) => {
        const [glob, text] = [p.join(''), r.join('')];
        expect(new RegExp(regexOf(glob), 's').test(text), `${glob} ${text}`).toBe(matchResource(glob, text));
      }),
      { numRuns: 3000 },
    );
  });
});
