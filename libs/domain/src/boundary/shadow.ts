// Finds rules that can never be decisive: duplicates, rules behind an overriding one, conditions that are never true.
import type { Rule } from '@writ/contracts';
import type { Finding } from './finding.js';
import { operationsCover, resourceCovers } from './match.js';

const RANK = { deny: 0, gate: 1, permit: 2 } as const;

const covers = (outer: Rule, inner: Rule): boolean =>
  resourceCovers(outer.resource, inner.resource) && operationsCover(outer.operations, inner.operations);

const sameReach = (a: Rule, b: Rule): boolean => covers(a, b) && covers(b, a);

const never = (index: number, reason: string, severity: Finding['severity']): Finding => ({
  code: 'WRIT-BND-007',
  path: ['spec', 'rules', index],
  reason,
  severity,
});

/** What the rule `other` (at `at`) does to the rule `rule` (at `index`); only `when` equality is compared, never implied. */
const between = (rule: Rule, index: number, other: Rule, at: number): Finding | undefined => {
  const always = other.when === undefined;
  if (always && RANK[other.effect] < RANK[rule.effect] && covers(other, rule)) {
    return never(
      index,
      `rule '${other.id}' ${other.effect === 'deny' ? 'denies' : 'gates'} all that it covers`,
      'problem',
    );
  }
  if (at >= index || other.effect !== rule.effect) return undefined;
  if (other.when === rule.when && sameReach(other, rule)) {
    return never(index, `it repeats rule '${other.id}'`, 'problem');
  }
  return always && covers(other, rule)
    ? never(index, `rule '${other.id}' before it has the same effect on all that it covers`, 'warning')
    : undefined;
};

/** The rules that can never apply. Sound for problems: what is reported can indeed never be decisive. */
export const findShadowed = (rules: readonly Rule[]): readonly Finding[] =>
  rules.flatMap((rule, index) => {
    if (rule.when?.trim() === 'false') return [never(index, 'its condition is never true', 'problem')];
    const found = rules
      .map((other, at) => (at === index ? undefined : between(rule, index, other, at)))
      .filter((f) => f !== undefined);
    const worst = found.find((f) => f.severity === 'problem') ?? found[0];
    return worst === undefined ? [] : [worst];
  });
