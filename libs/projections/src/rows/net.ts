// Nets the changes of a batch: few statements, each over many rows, same effect as one by one. Pure.
import type { DerivedTable } from '../database/tables.js';
import type { Change } from './change.js';

/** Changes that one statement can make: one table, one operation, the same columns, no row twice. */
export type Statement = {
  readonly op: Change['op'];
  readonly table: DerivedTable;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
};

type Runs = Change[];

// A row's changes in order, consecutive ones of one kind made one: an insert keeps the first, the others the last.
const follow = (runs: Runs, change: Change): void => {
  const last = runs.at(-1);
  if (last === undefined || last.op !== change.op) runs.push(change);
  else if (change.op === 'upsert' || change.op === 'update') {
    runs[runs.length - 1] = { ...last, set: { ...last.set, ...change.set } };
  }
};

const byRow = (changes: readonly Change[]): readonly Runs[] => {
  const rows = new Map<string, Runs>();
  for (const change of changes) {
    const id = `${change.table}\n${Object.values(change.key).join('\n')}`;
    const runs = rows.get(id);
    if (runs === undefined) rows.set(id, [change]);
    else follow(runs, change);
  }
  return [...rows.values()];
};

const statementsOf = (changes: readonly Change[]): readonly Statement[] => {
  const groups = new Map<string, { first: Change; columns: string[]; rows: Record<string, unknown>[] }>();
  for (const change of changes) {
    const columns = Object.keys(change.set).sort();
    const id = `${change.op} ${change.table} ${columns.join(' ')}`;
    const group = groups.get(id) ?? { first: change, columns, rows: [] };
    group.rows.push({ ...change.key, ...change.set });
    groups.set(id, group);
  }
  return [...groups.values()].map(({ first: { op, table }, columns, rows }) => ({
    op,
    table,
    columns,
    rows,
  }));
};

/**
 * The statements of a batch, to be run in order. Rows do not depend on each other, so only the order within one row counts:
 * the n-th statements hold the n-th change of kind of every row.
 */
export const netStatements = (changes: readonly Change[]): readonly Statement[] => {
  const rows = byRow(changes);
  const depth = rows.reduce((most, runs) => Math.max(most, runs.length), 0);
  return Array.from({ length: depth }, (_, n) =>
    statementsOf(rows.flatMap((runs) => runs.slice(n, n + 1))),
  ).flat();
};
