// Nets the changes of a batch: few statements, each over many rows, same effect as one by one. Pure.
import type { DerivedTable } from '../database/tables.js';
import type { Change } from './change.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What happens to a row, net. `write`: the row is made of `base` and `set` when missing, else only `set` applies; `update`:
 * `set` applies if there is a row.
 */
type Net = {
  readonly op: 'write' | 'update' | 'delete';
  readonly table: DerivedTable;
  readonly key: Fields;
  readonly base: Fields;
  readonly set: Fields;
};

/** Net changes that one statement can make: the same columns, no row twice. `base` columns apply to new rows only. */
export type Statement = {
  readonly op: Net['op'];
  readonly table: DerivedTable;
  readonly base: readonly string[];
  readonly set: readonly string[];
  readonly rows: readonly Fields[];
};

const NONE: Fields = {};

const begin = ({ op, table, key, set }: Change): Net => {
  switch (op) {
    case 'insert':
      return { op: 'write', table, key, base: set, set: NONE };
    case 'upsert':
      return { op: 'write', table, key, base: NONE, set };
    case 'update':
      return { op: 'update', table, key, base: NONE, set };
    case 'delete':
      return { op: 'delete', table, key, base: NONE, set: NONE };
  }
};

// After a write there is a row: an insert has no effect, and whatever sets columns adds to the write.
const join = (last: Net, change: Change): Net | undefined => {
  if (last.op === 'write' && change.op === 'insert') return last;
  if (last.op === 'write' && (change.op === 'update' || change.op === 'upsert')) {
    return { ...last, set: { ...last.set, ...change.set } };
  }
  if (last.op === 'update' && change.op === 'update') return { ...last, set: { ...last.set, ...change.set } };
  return last.op === 'delete' && change.op === 'delete' ? last : undefined;
};

const byRow = (changes: readonly Change[]): readonly Net[][] => {
  const rows = new Map<string, Net[]>();
  for (const change of changes) {
    const id = `${change.table}\n${Object.values(change.key).join('\n')}`;
    const runs = rows.get(id);
    const last = runs?.at(-1);
    const joined = last === undefined ? undefined : join(last, change);
    if (runs === undefined) rows.set(id, [begin(change)]);
    else if (joined === undefined) runs.push(begin(change));
    else runs[runs.length - 1] = joined;
  }
  return [...rows.values()];
};

const shapeOf = ({ op, table, base, set }: Net): string =>
  `${op} ${table} ${Object.keys(base).join(' ')} | ${Object.keys(set).sort().join(' ')}`;

const statementsOf = (nets: readonly Net[]): readonly Statement[] => {
  const groups = new Map<string, { readonly first: Net; readonly rows: Fields[] }>();
  for (const net of nets) {
    if (net.op === 'update' && Object.keys(net.set).length === 0) continue;
    const id = shapeOf(net);
    const group = groups.get(id) ?? { first: net, rows: [] };
    group.rows.push({ ...net.key, ...net.base, ...net.set });
    groups.set(id, group);
  }
  return [...groups.values()].map(({ first: { op, table, base, set }, rows }) => {
    const columns = Object.keys(set).sort();
    return { op, table, base: Object.keys(base).filter((c) => !(c in set)), set: columns, rows };
  });
};

/**
 * The statements of a batch, to be run in order. Rows do not depend on each other, so only the order within one row counts:
 * the n-th statements hold the n-th net change of every row.
 */
export const netStatements = (changes: readonly Change[]): readonly Statement[] => {
  const rows = byRow(changes);
  const depth = rows.reduce((most, runs) => Math.max(most, runs.length), 0);
  return Array.from({ length: depth }, (_, n) =>
    statementsOf(rows.flatMap((runs) => runs.slice(n, n + 1))),
  ).flat();
};
