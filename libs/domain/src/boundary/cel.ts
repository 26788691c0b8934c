// The CEL environment in which conditions are typed and run. It offers nothing that depends on clock, locale or place.
import { Environment } from '@marcbachmann/cel-js';
import type { JsonValue } from '@writ/contracts';

const TIMESTAMP = 'google.protobuf.Timestamp';

/** A value that the language needs a constructor for, to tell its type at run time. */
export class EvidenceValue {
  constructor(
    readonly source: string,
    readonly observedAt: Date,
    readonly ageSeconds: bigint,
  ) {}
}

/** The names a condition may use. */
export const CelVariables = ['args', 'action', 'agent', 'scope', 'evidence', 'history', 'now'] as const;

const strictTime = (text: string): Date => {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? new Date(text)
    : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) throw new RangeError('not an RFC 3339 time');
  return time;
};

/**
 * The typed environment of `when` conditions (CEL). Integers are `int`, and times UTC.
 *
 * | variable | holds |
 * |---|---|
 * | `args` | the argument fields declared clear, by name: `args.rows`, `has(args.rows)` |
 * | `action` | `tool`, `operation`, `resource`, `reversal` (the method of the reversal path) |
 * | `agent` | `name`, `autonomy`, `containment` |
 * | `scope` | `organisation`, `project`, `environment` |
 * | `evidence` | a list of `source`, `observedAt`, `ageSeconds` |
 * | `history` | `history["<limit id>"]`: the count of a limit that covers the action, before it |
 * | `now` | the time of the decision; `time(args.field)` reads an RFC 3339 time |
 */
export const celEnvironment = new Environment({ limits: { maxAstNodes: 500, maxDepth: 32 } })
  .registerType('Evidence', {
    ctor: EvidenceValue,
    fields: { source: 'string', observedAt: TIMESTAMP, ageSeconds: 'int' },
  })
  .registerVariable('args', 'map<string, dyn>')
  .registerVariable({
    name: 'action',
    schema: { tool: 'string', operation: 'string', resource: 'string', reversal: 'string' },
  })
  .registerVariable({
    name: 'agent',
    schema: { name: 'string', autonomy: 'string', containment: 'string' },
  })
  .registerVariable({
    name: 'scope',
    schema: { organisation: 'string', project: 'string', environment: 'string' },
  })
  .registerVariable('evidence', 'list<Evidence>')
  .registerVariable('history', 'map<string, int>')
  .registerVariable('now', TIMESTAMP)
  .registerFunction(`time(string): ${TIMESTAMP}`, strictTime);

/** The values of one evaluation, in the types of the environment. */
export type CelContext = { readonly [K in (typeof CelVariables)[number]]: unknown };

type Budget = { left: number };

const convert = (value: JsonValue, budget: Budget): unknown => {
  budget.left -= 1;
  if (budget.left < 0) throw new RangeError('too many values for a condition');
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => convert(item, budget));
  return new Map(Object.entries(value).map(([key, item]) => [key, convert(item as JsonValue, budget)]));
};

/** The most JSON values that the arguments of one condition may have; more is a condition error, so cost stays bounded. */
export const MAX_CONDITION_VALUES = 2000;

/** Arguments as CEL sees them: integers are `int`, objects are maps. Throws a RangeError beyond MAX_CONDITION_VALUES. */
export const celArguments = (args: Readonly<Record<string, JsonValue>>): unknown =>
  convert(args, { left: MAX_CONDITION_VALUES });
