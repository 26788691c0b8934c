// Owns the comparison of two documents, rule by rule. Pure; order matters only among rules and limits of the same id.
import type { ApprovalGate, PermissionBoundary } from '@writ/contracts';

/** One difference. `at`: `rules.drop-table`, `limits.deletes`, `spec.level`; values as JSON, absent where there is none. */
export type Difference = {
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
  readonly at: string;
  readonly before?: unknown;
  readonly after?: unknown;
};

type Fields = Readonly<Record<string, unknown>>;
type Entry = Fields & { readonly id: string };

/** From the boundary in force to another: settings first, then limits, then rules, each by its id. */
export function diffBoundaries(before: PermissionBoundary, after: PermissionBoundary): readonly Difference[] {
  const { rules: oldRules, limits: oldLimits, ...oldSpec } = before.spec;
  const { rules, limits, ...spec } = after.spec;
  return [
    ...diffFields('metadata', before.metadata, after.metadata),
    ...diffFields('spec', oldSpec, spec),
    ...diffEntries('limits', oldLimits, limits),
    ...diffEntries('rules', oldRules, rules),
  ];
}

/** From the gate in force to another, field by field. */
export function diffGates(before: ApprovalGate, after: ApprovalGate): readonly Difference[] {
  return [
    ...diffFields('metadata', before.metadata, after.metadata),
    ...diffFields('spec', before.spec, after.spec),
  ];
}

function diffFields(at: string, before: Fields, after: Fields): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => !same(before[name], after[name]))
    .map((name) => difference(`${at}.${name}`, before[name], after[name]));
}

function diffEntries(at: string, before: readonly Entry[], after: readonly Entry[]): readonly Difference[] {
  const old = new Map(before.map((entry) => [entry.id, entry]));
  const next = new Map(after.map((entry) => [entry.id, entry]));
  const removed = before
    .filter(({ id }) => !next.has(id))
    .map((entry) => difference(`${at}.${entry.id}`, entry, undefined));
  const others = after.flatMap((entry) => {
    const was = old.get(entry.id);
    if (was === undefined) return [difference(`${at}.${entry.id}`, undefined, entry)];
    return diffFields(`${at}.${entry.id}`, was, entry);
  });
  return [...removed, ...others, ...moves(at, before, after, old, next)];
}

// Which rule is named in a decision depends on the order among equals; so an order that changed is shown.
function moves(
  at: string,
  before: readonly Entry[],
  after: readonly Entry[],
  old: ReadonlyMap<string, Entry>,
  next: ReadonlyMap<string, Entry>,
): readonly Difference[] {
  const order = (entries: readonly Entry[], others: ReadonlyMap<string, Entry>) =>
    entries.map(({ id }) => id).filter((id) => others.has(id));
  const [was, is] = [order(before, next), order(after, old)];
  return same(was, is) ? [] : [{ change: 'moved', at, before: was, after: is }];
}

function difference(at: string, before: unknown, after: unknown): Difference {
  if (before === undefined) return { change: 'added', at, after };
  if (after === undefined) return { change: 'removed', at, before };
  return { change: 'changed', at, before, after };
}

// Both sides went through the same schema, so equal values have equal texts.
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
