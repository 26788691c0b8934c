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

// One row by its key; a key holds texts and numbers only.
const rowOf = ({ table, key }: Change): string => {
  let id: string = table;
  for (const column in key) id += `\n${key[column]}`;
  return id;
};

const shapes = new Map<string, string>();
const MOST_SHAPES = 10_000;

const columnsOf = (fields: Fields): string => {
  let columns = '';
  for (const column in fields) columns += `${column} `;
  return columns;
};

const sorted = (fields: Fields): readonly string[] => Object.keys(fields).sort();

// The same columns in another order are the same statement; a handler names them in one order, so this is looked up.
const shapeOf = ({ op, table, base, set }: Net): string => {
  const named = `${op} ${table} ${columnsOf(base)}| ${columnsOf(set)}`;
  const known = shapes.get(named);
  if (known !== undefined) return known;
  if (shapes.size >= MOST_SHAPES) shapes.clear();
  const shape = `${op} ${table} ${sorted(base).join(' ')} | ${sorted(set).join(' ')}`;
  shapes.set(named, shape);
  return shape;
};

type Group = { readonly statement: Omit<Statement, 'rows'>; readonly nets: Net[] };

const beginGroup = ({ op, table, base, set }: Net): Group => ({
  statement: { op, table, base: sorted(base).filter((c) => !(c in set)), set: sorted(set) },
  nets: [],
});

const rowIn = ({ statement: { base, set } }: Group, net: Net): Fields => {
  const row: Record<string, unknown> = { ...net.key };
  for (const column of base) row[column] = net.base[column];
  for (const column of set) row[column] = net.set[column];
  return row;
};

const statementsOf = (nets: readonly Net[]): readonly Statement[] => {
  const groups = new Map<string, Group>();
  for (const net of nets) {
    const id = shapeOf(net);
    const group = groups.get(id) ?? beginGroup(net);
    if (net.op === 'update' && group.statement.set.length === 0) continue;
    if (group.nets.length === 0) groups.set(id, group);
    group.nets.push(net);
  }
  return [...groups.values()].map((group) => ({
    ...group.statement,
    rows: group.nets.map((net) => rowIn(group, net)),
  }));
};

/** The changes of a batch, netted as they come, so that what waits for the commit is one entry per row. */
export interface NetChanges {
  add(change: Change): void;
  /**
   * The statements, to be run in order. Rows do not depend on each other, so only the order within one row counts: the n-th
   * statements hold the n-th net change of every row.
   */
  statements(): readonly Statement[];
}

/** Creates it with nothing in it. */
export const createNetChanges = (): NetChanges => {
  // The n-th net change of every row; most rows have but one.
  const rounds: Map<string, Net>[] = [];
  const deep = new Map<string, number>();
  return {
    add: (change) => {
      const row = rowOf(change);
      const at = deep.get(row) ?? 0;
      const last = rounds[at]?.get(row);
      const joined = last === undefined ? begin(change) : join(last, change);
      const round = joined === undefined ? at + 1 : at;
      rounds[round] ??= new Map();
      rounds[round].set(row, joined ?? begin(change));
      if (round > 0) deep.set(row, round);
    },
    statements: () => rounds.flatMap((round) => statementsOf([...round.values()])),
  };
};

/** The statements of some changes, to be run in order. */
export const netStatements = (changes: readonly Change[]): readonly Statement[] => {
  const net = createNetChanges();
  for (const change of changes) net.add(change);
  return net.statements();
};
