// A quick yes for documents that fit their schema, made from the schema itself. It never says no: zod decides then, and says why.
import type { z } from 'zod';

/** True only for a value that the schema accepts and gives back as it is; false says nothing. */
export type QuickCheck = (value: unknown) => boolean;

type Def = {
  readonly type: string;
  readonly checks?: readonly { readonly _zod: { readonly def: Rule } }[];
  readonly [more: string]: unknown;
};
type Rule = { readonly check: string; readonly [more: string]: unknown };
type Loose = Readonly<Record<string, unknown>>;

class NotCompiled extends Error {}

const notCompiled = (what: string): never => {
  throw new NotCompiled(what);
};

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const lengthOf = (value: unknown): number => (value as { readonly length: number }).length;

const patternOf = (rule: Rule): QuickCheck => {
  const { format, pattern } = rule;
  if (format !== 'regex' || !(pattern instanceof RegExp) || /[gy]/.test(pattern.flags)) {
    return notCompiled('a format');
  }
  return (value) => pattern.test(value as string);
};

const ruleOf = ({ _zod: { def: rule } }: { readonly _zod: { readonly def: Rule } }): QuickCheck => {
  const limit = (rule['maximum'] ?? rule['minimum'] ?? rule['value']) as number;
  switch (rule.check) {
    case 'string_format':
      return patternOf(rule);
    case 'max_length':
      return (value) => lengthOf(value) <= limit;
    case 'min_length':
      return (value) => lengthOf(value) >= limit;
    case 'number_format':
      return rule['format'] === 'safeint' ? Number.isSafeInteger : notCompiled('a number format');
    case 'greater_than':
      return rule['inclusive'] === true ? (value) => (value as number) >= limit : notCompiled('a bound');
    case 'less_than':
      return rule['inclusive'] === true ? (value) => (value as number) <= limit : notCompiled('a bound');
    default:
      return notCompiled(rule.check);
  }
};

const all = (first: QuickCheck, rest: readonly QuickCheck[]): QuickCheck =>
  rest.reduce<QuickCheck>((before, next) => (value) => before(value) && next(value), first);

const objectOf = (def: Def): QuickCheck => {
  const members = Object.entries(def['shape'] as Readonly<Record<string, z.ZodType>>).map(
    ([name, schema]) => [name, compile(schema)] as const,
  );
  const catchall = (def['catchall'] as z.ZodType | undefined)?._zod.def.type;
  if (catchall !== 'never' && catchall !== 'unknown') return notCompiled('an object that strips');
  const known = new Set(members.map(([name]) => name));
  const strict = catchall === 'never';
  return (value) => {
    if (!isObject(value)) return false;
    // zod leaves a member of this name out of what it returns.
    if (!strict && Object.hasOwn(value, '__proto__')) return false;
    if (strict) for (const name in value) if (!known.has(name)) return false;
    for (const [name, check] of members) if (!check(value[name])) return false;
    return true;
  };
};

const arrayOf = (def: Def): QuickCheck => {
  const item = compile(def['element'] as z.ZodType);
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let i = 0; i < value.length; i++) if (!item(value[i])) return false;
    return true;
  };
};

const recordOf = (def: Def): QuickCheck => {
  const [key, member] = [compile(def['keyType'] as z.ZodType), compile(def['valueType'] as z.ZodType)];
  return (value) => {
    if (!isObject(value)) return false;
    for (const name in value) if (!key(name) || !member(value[name])) return false;
    return true;
  };
};

const unionOf = (def: Def): QuickCheck => {
  const options = (def['options'] as readonly z.ZodType[]).map(compile);
  return (value) => options.some((option) => option(value));
};

const baseOf = (def: Def): QuickCheck => {
  switch (def.type) {
    case 'string':
      return def['format'] === undefined ? (value) => typeof value === 'string' : notCompiled('a format');
    case 'number':
      return def['format'] === 'safeint' || def['format'] === undefined
        ? (value) => Number.isSafeInteger(value)
        : notCompiled('a number format');
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'literal':
      return (value) => (def['values'] as readonly unknown[]).includes(value);
    case 'enum':
      return (value) => Object.values(def['entries'] as object).includes(value);
    case 'object':
      return objectOf(def);
    case 'array':
      return arrayOf(def);
    case 'record':
      return recordOf(def);
    case 'union':
      return unionOf(def);
    case 'unknown':
      return (value) => value !== undefined;
    case 'optional':
      return either(undefined, def);
    case 'nullable':
      return either(null, def);
    default:
      return notCompiled(def.type);
  }
};

const either = (nothing: null | undefined, def: Def): QuickCheck => {
  const check = compile(def['innerType'] as z.ZodType);
  return (value) => value === nothing || check(value);
};

const compile = (schema: z.ZodType): QuickCheck => {
  const def = schema._zod.def as unknown as Def;
  if (def['coerce'] === true) return notCompiled('coercion');
  return all(baseOf(def), (def.checks ?? []).map(ruleOf));
};

/**
 * The quick check of a schema; undefined where it has a part that changes its value (a default, a transformation) or that is not
 * known here. Guarantees: what it accepts, the schema accepts and returns unchanged (up to the order of members).
 */
export const quickCheck = (schema: z.ZodType): QuickCheck | undefined => {
  try {
    return compile(schema);
  } catch (error) {
    if (error instanceof NotCompiled) return undefined;
    throw error;
  }
};
