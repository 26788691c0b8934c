// Writes netted changes: one prepared statement per shape, its rows as one JSON parameter. Runs inside the caller's transaction.
import type pg from 'pg';
import { derivedTables } from '../database/derived-tables.js';
import type { DerivedTable } from '../database/tables.js';
import { storableJson } from '../database/values.js';
import type { NetChanges, Statement } from './net.js';

const typeOf = (table: DerivedTable, column: string): string =>
  (derivedTables[table].columns as Readonly<Record<string, string>>)[column]!.replace(' not null', '');

const quoted = (columns: readonly string[]): string => columns.map((c) => `"${c}"`).join(', ');

const recordset = (table: DerivedTable, columns: readonly string[]): string =>
  `json_to_recordset($1::json) as v(${columns.map((c) => `"${c}" ${typeOf(table, c)}`).join(', ')})`;

const inserting = (target: string, table: DerivedTable, columns: readonly string[]): string =>
  `insert into ${target} (${quoted(columns)}) select ${quoted(columns)} from ${recordset(table, columns)}`;

const onConflict = (key: readonly string[], set: readonly string[]): string => {
  if (set.length === 0) return 'on conflict do nothing';
  const assign = set.map((c) => `"${c}" = excluded."${c}"`).join(', ');
  return `on conflict (${quoted(key)}) do update set ${assign}`;
};

/** The SQL of a statement over the tables of `schema`; its one parameter is the JSON array of the rows. */
export const sqlOf = (schema: string, { op, table, base, set }: Statement): string => {
  const target = `"${schema}"."${table}"`;
  const key: readonly string[] = derivedTables[table].key;
  const match = key.map((c) => `t."${c}" = v."${c}"`).join(' and ');
  switch (op) {
    case 'write':
      return `${inserting(target, table, [...key, ...base, ...set])} ${onConflict(key, set)}`;
    case 'update': {
      const assign = set.map((c) => `"${c}" = v."${c}"`).join(', ');
      return `update ${target} t set ${assign} from ${recordset(table, [...key, ...set])} where ${match}`;
    }
    case 'delete':
      return `delete from ${target} t using ${recordset(table, key)} where ${match}`;
  }
};

const names = new Map<string, string>();
const nameOf = (text: string): string => {
  const known = names.get(text);
  if (known !== undefined) return known;
  names.set(text, `rm_${names.size}`);
  return names.get(text)!;
};

/** Makes the changes, in order, in the transaction that is open on `client`. */
export const writeChanges = async (
  client: pg.ClientBase,
  schema: string,
  changes: NetChanges,
): Promise<void> => {
  for (const statement of changes.statements()) {
    const text = sqlOf(schema, statement);
    await client.query({ name: nameOf(text), text, values: [storableJson(statement.rows)] });
  }
};
