// One `when` condition: parsed, typed, inspected, and run. It never throws to its caller.
import type { ParseResult } from '@marcbachmann/cel-js';
import { type CelContext, celEnvironment } from './cel.js';
import { type ConditionFault, inspect } from './inspect.js';

/** A condition that compiles, with the argument fields and limits that it reads. */
export type Condition = {
  readonly source: string;
  readonly fields: ReadonlyMap<string, number>;
  readonly limits: ReadonlyMap<string, number>;
  /** The constant that it is, if it reads nothing. */
  readonly constant: boolean | undefined;
  readonly run: (context: CelContext) => boolean | 'error';
};

/** Either a condition or why not. */
export type ParsedCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly faults: readonly ConditionFault[] };

type CelFault = {
  readonly summary?: string;
  readonly message?: string;
  readonly range?: { readonly start: number };
};

const celFault = (error: unknown): ConditionFault => {
  const { summary, message, range } = (error ?? {}) as CelFault;
  return {
    code: 'WRIT-BND-003',
    reason: summary ?? message ?? 'the expression is not valid',
    offset: range?.start ?? 0,
  };
};

const runner =
  (parsed: ParseResult) =>
  (context: CelContext): boolean | 'error' => {
    try {
      const value: unknown = parsed(context);
      return typeof value === 'boolean' ? value : 'error';
    } catch {
      return 'error';
    }
  };

const constantOf = (ast: ParseResult['ast']): boolean | undefined =>
  ast.op === 'value' && typeof ast.args === 'boolean' ? ast.args : undefined;

/** Parses, inspects and type-checks a condition. A value that is not a boolean at run time is an error, which denies. */
export const parseCondition = (source: string): ParsedCondition => {
  try {
    const parsed = celEnvironment.parse(source);
    const { fields, limits, faults } = inspect(parsed.ast);
    if (faults.length > 0) return { ok: false, faults };
    const constant = constantOf(parsed.ast);
    const typed = parsed.check();
    if (!typed.valid) return { ok: false, faults: [celFault(typed.error)] };
    if (typed.type !== 'bool' && typed.type !== 'dyn') {
      const reason = `a condition is true or false, not ${typed.type ?? 'unknown'}`;
      return { ok: false, faults: [{ code: 'WRIT-BND-003', reason, offset: 0 }] };
    }
    return { ok: true, condition: { source, fields, limits, constant, run: runner(parsed) } };
  } catch (error) {
    return { ok: false, faults: [celFault(error)] };
  }
};
