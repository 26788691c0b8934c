// Makes one valid document of a type from its JSON Schema: deterministic, so that a golden file is the same wherever it is made.
type Schema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly pattern?: string;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly minimum?: number;
  readonly minLength?: number;
};

/** Candidates for every pattern of the language: the first that matches is taken. */
const TEXTS = [
  '2026-01-02T03:04:05.006Z',
  '01900000-0000-7000-8000-000000000001',
  '01900000-0000-7000-8000-000000000001.decision.0',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'A'.repeat(86),
  'A'.repeat(22),
  'acme.shop.prod.ops',
  'acme.shop.prod',
  'acme',
  'halt-1',
  'WRIT-DEC-004',
  '/writ/decision',
  'args.rows',
  '12.50',
  'QUJDREVGR0hJSktMTU5PUA',
  'writ.decision.permitted.v1',
  '2026-01',
];

const text = ({ pattern, minLength = 0 }: Schema): string => {
  if (pattern === undefined) return 'sample'.padEnd(minLength, 'x');
  const found = TEXTS.find((candidate) => new RegExp(pattern, 'u').test(candidate));
  if (found === undefined) throw new Error(`no sample text matches ${pattern}: add one to TEXTS`);
  return found;
};

const object = (schema: Schema): Record<string, unknown> =>
  Object.fromEntries(
    (schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? {})]),
  );

/** One value that the schema accepts: required members only, shortest arrays, first alternatives. */
export const sampleOf = (schema: Schema): unknown => {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return sampleOf(alternatives[0] as Schema);
  switch (schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return false;
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}));
    case 'object':
      return object(schema);
    default:
      return {};
  }
};
