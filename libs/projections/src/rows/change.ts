// What a handler answers: changes of rows, as values. It runs nothing.
import type { DerivedTable, KeyOf, Row } from '../database/tables.js';

type Fields<T extends DerivedTable> = Omit<Row<T>, keyof KeyOf<T>>;

/**
 * One change of one row. `insert`: unless there is a row already; `upsert`: sets these columns, making the row when missing;
 * `update`: sets these columns if there is a row; `delete`.
 */
export type Change<T extends DerivedTable = DerivedTable> = {
  readonly op: 'insert' | 'upsert' | 'update' | 'delete';
  readonly table: T;
  readonly key: Readonly<Record<string, unknown>>;
  readonly set: Readonly<Record<string, unknown>>;
};

/** A row made once; a second one of the same key has no effect. */
export const insert = <T extends DerivedTable>(table: T, key: KeyOf<T>, set: Partial<Fields<T>>): Change => ({
  op: 'insert',
  table,
  key,
  set,
});

/** A row whose columns are set whether it is there or not. */
export const upsert = <T extends DerivedTable>(table: T, key: KeyOf<T>, set: Partial<Fields<T>>): Change => ({
  op: 'upsert',
  table,
  key,
  set,
});

/** Columns of a row that must be there already; else no effect. */
export const update = <T extends DerivedTable>(table: T, key: KeyOf<T>, set: Partial<Fields<T>>): Change => ({
  op: 'update',
  table,
  key,
  set,
});

/** The end of a row. */
export const remove = <T extends DerivedTable>(table: T, key: KeyOf<T>): Change => ({
  op: 'delete',
  table,
  key,
  set: {},
});
