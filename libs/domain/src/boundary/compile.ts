// A boundary made ready to be evaluated: globs and conditions compiled once. It decides nothing.
import type { JsonValue, Limit, Obligation, PermissionBoundary, Rule } from '@writ/contracts';
import { type Condition, parseCondition } from './condition.js';
import { operationMatcher, resourceMatcher } from './match.js';

/** A rule with its matcher; `condition` is absent for an unconditional rule, `broken` for one that does not compile. */
export type CompiledRule = {
  readonly rule: Rule;
  readonly covers: (operation: string, resource: string) => boolean;
  readonly condition: Condition | 'broken' | undefined;
};

/** A limit with its matcher. */
export type CompiledLimit = {
  readonly limit: Limit;
  readonly covers: (operation: string, resource: string) => boolean;
};

/** A boundary that can be evaluated. `fields` are the argument fields that it reads and that are declared clear, sorted. */
export type CompiledBoundary = {
  readonly boundary: PermissionBoundary;
  readonly rules: readonly CompiledRule[];
  readonly limits: readonly CompiledLimit[];
  readonly fields: readonly string[];
};

const fieldName = (clear: string): string => clear.slice('args.'.length);

const coversOf = (resource: string, operations: readonly string[]) => {
  const inResource = resourceMatcher(resource);
  const inOperations = operationMatcher(operations);
  return (operation: string, target: string): boolean => inOperations(operation) && inResource(target);
};

const compileRule = (rule: Rule): CompiledRule => {
  const parsed = rule.when === undefined ? undefined : parseCondition(rule.when);
  const condition = parsed === undefined ? undefined : parsed.ok ? parsed.condition : 'broken';
  return { rule, covers: coversOf(rule.resource, rule.operations), condition };
};

const compileLimit = (limit: Limit): CompiledLimit => ({
  limit,
  covers: coversOf(limit.resource, limit.operations),
});

const clamped = (obligations: readonly Obligation[]): readonly string[] =>
  obligations.filter((o) => o.kind === 'clamp').map((o) => fieldName(o.field));

const fieldsOf = (boundary: PermissionBoundary, rules: readonly CompiledRule[]): readonly string[] => {
  const clear = new Set(boundary.spec.clear.map(fieldName));
  const read = rules.flatMap(({ rule, condition }) => [
    ...(typeof condition === 'object' ? condition.fields.keys() : []),
    ...clamped(rule.obligations),
  ]);
  return [...new Set(read)].filter((field) => clear.has(field)).sort();
};

const compile = (boundary: PermissionBoundary): CompiledBoundary => {
  const rules = boundary.spec.rules.map(compileRule);
  const limits = boundary.spec.limits.map(compileLimit);
  return { boundary, rules, limits, fields: fieldsOf(boundary, rules) };
};

const compiled = new WeakMap<PermissionBoundary, CompiledBoundary>();

/**
 * Compiles a boundary; the same value is compiled once. Never throws: a condition that does not compile (it cannot be
 * published, but an older ledger may hold one) denies whatever its rule covers with `condition-error`.
 */
export const compileBoundary = (boundary: PermissionBoundary): CompiledBoundary => {
  const known = compiled.get(boundary);
  if (known !== undefined) return known;
  const fresh = compile(boundary);
  compiled.set(boundary, fresh);
  return fresh;
};

/**
 * The argument fields that a decision under this boundary discloses in the ledger: declared clear and read by its rules
 * or clamped by their obligations (ARCHITECTURE §3). Everything else belongs in the vault.
 */
export const disclosedFields = (boundary: PermissionBoundary): readonly string[] =>
  compileBoundary(boundary).fields;

/** The clear values of a set of arguments: those that `disclosedFields` names. */
export const clearOf = (
  compiledBoundary: CompiledBoundary,
  args: Readonly<Record<string, JsonValue>>,
): Readonly<Record<string, JsonValue>> =>
  Object.fromEntries(Object.entries(args).filter(([name]) => compiledBoundary.fields.includes(name)));
