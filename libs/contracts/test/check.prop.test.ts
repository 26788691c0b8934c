// The quick yes to a ledger document against zod's own verdict: documents made from every schema, whole and damaged.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { quickCheck } from '../src/check.js';
import { ledgerEvents } from '../src/index.js';

type Def = { readonly type: string; readonly checks?: readonly unknown[]; readonly [more: string]: unknown };
type Rule = { readonly _zod: { readonly def: { readonly [name: string]: unknown } } };

const rules = (def: Def) => (def.checks ?? []).map((rule) => (rule as Rule)._zod.def);

const textOf = (def: Def): fc.Arbitrary<unknown> => {
  const pattern = rules(def).find((rule) => rule['pattern'] instanceof RegExp)?.['pattern'];
  return pattern === undefined ? fc.string({ maxLength: 20 }) : fc.stringMatching(pattern as RegExp);
};

const objectOf = (def: Def): fc.Arbitrary<unknown> => {
  const shape = Object.entries(def['shape'] as Record<string, z.ZodType>);
  const members = Object.fromEntries(shape.map(([name, member]) => [name, documentOf(member)]));
  const requiredKeys = shape.filter(([, m]) => m._zod.def.type !== 'optional').map(([name]) => name);
  return fc.record(members, { requiredKeys, noNullPrototype: true });
};

const documentOf = (schema: z.ZodType): fc.Arbitrary<unknown> => {
  const def = schema._zod.def as unknown as Def;
  const inner = () => documentOf(def['innerType'] as z.ZodType);
  const least = rules(def).find((rule) => rule['minimum'] !== undefined)?.['minimum'] ?? 0;
  switch (def.type) {
    case 'string':
      return textOf(def);
    case 'number':
      return fc.nat();
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constantFrom(...(def['values'] as readonly unknown[]));
    case 'enum':
      return fc.constantFrom(...Object.values(def['entries'] as object));
    case 'object':
      return objectOf(def);
    case 'array':
      return fc.array(documentOf(def['element'] as z.ZodType), { minLength: least as number, maxLength: 3 });
    case 'record':
      return fc.dictionary(
        documentOf(def['keyType'] as z.ZodType) as fc.Arbitrary<string>,
        documentOf(def['valueType'] as z.ZodType),
        { maxKeys: 3 },
      );
    case 'union':
      return fc.oneof(...(def['options'] as readonly z.ZodType[]).map(documentOf));
    case 'optional':
      return inner();
    case 'nullable':
      return fc.option(inner());
    default:
      return fc.jsonValue();
  }
};

type Damage = { readonly path: readonly number[]; readonly how: number; readonly value: unknown };

const damage = fc.record<Damage>({
  path: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
  how: fc.nat(3),
  value: fc.oneof(fc.jsonValue(), fc.string(), fc.integer(), fc.double(), fc.constant('A'.repeat(401))),
});

const damaged = (whole: unknown, { path, how, value }: Damage): unknown => {
  const copy = JSON.parse(JSON.stringify(whole)) as Record<string, unknown>;
  let at = copy;
  for (const [n, step] of path.entries()) {
    const names = Object.keys(at);
    const name = names[step % Math.max(1, names.length)] ?? 'x';
    const next = at[name];
    if (n < path.length - 1 && typeof next === 'object' && next !== null) {
      at = next as Record<string, unknown>;
      continue;
    }
    // JSON knows no named members of an array.
    if (Array.isArray(at)) how === 0 ? at.pop() : at.push(value);
    else if (how === 0) delete at[name];
    else if (how === 1)
      Object.defineProperty(at, '__proto__', { value, enumerable: true, configurable: true });
    else if (how === 2) at[`${name}x`] = value;
    else at[name] = value;
    break;
  }
  return copy;
};

const compiled = Object.entries(ledgerEvents)
  .map(([type, schema]) => [type, schema as z.ZodType, quickCheck(schema)] as const)
  .filter(([, , check]) => check !== undefined);

describe('the quick check of a ledger document', () => {
  it('is there for every type but those whose documents have defaults', () => {
    const without = Object.keys(ledgerEvents).filter((type) => !compiled.some(([t]) => t === type));
    expect(without).toEqual(['writ.registry.boundary-published.v1', 'writ.registry.gate-published.v1']);
  });

  it.each(compiled)(
    '%s: accepts what the schema accepts and leaves alone, and nothing else',
    (_, schema, check) => {
      const whole = documentOf(schema);
      const property = fc.property(whole, fc.option(damage), (value, harm) => {
        const document = harm === null ? JSON.parse(JSON.stringify(value)) : damaged(value, harm);
        const parsed = schema.safeParse(document);
        if (check?.(document)) expect(parsed).toEqual({ success: true, data: document });
        else if (parsed.success) expect(JSON.stringify(document)).toContain('__proto__');
      });
      fc.assert(property, { numRuns: 150 });
    },
  );
});
