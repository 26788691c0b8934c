// The row types of the read model, taken from the table descriptions. It holds no table and runs nothing.
import type { derivedTables } from './derived-tables.js';
import type { recordTables } from './record-tables.js';

export type RecordTable = keyof typeof recordTables;
export type DerivedTable = keyof typeof derivedTables;

type Cell<S> = S extends `text[]${string}`
  ? readonly string[]
  : S extends `text${string}` | `timestamptz${string}`
    ? string
    : S extends `bigint${string}`
      ? number
      : S extends `boolean${string}`
        ? boolean
        : S extends `bytea${string}`
          ? Uint8Array
          : unknown;
type Field<S> = S extends `${string}not null` ? Cell<S> : Cell<S> | null;
type RowOf<C> = { readonly [K in keyof C]: Field<C[K]> };

/** A row of a table. Times are RFC 3339 UTC texts, `bigint` columns safe integers. */
export type Row<T extends RecordTable | DerivedTable> = T extends DerivedTable
  ? RowOf<(typeof derivedTables)[T]['columns']>
  : T extends RecordTable
    ? RowOf<(typeof recordTables)[T]['columns']>
    : never;

/** The columns of a derived table's key, with their values. */
export type KeyOf<T extends DerivedTable> = Pick<
  Row<T>,
  Extract<(typeof derivedTables)[T]['key'][number], keyof Row<T>>
>;

/** The view schema `rm` as kysely sees it: the live build, `chains` left out, and the live checkpoint. */
export type ReadModel = {
  readonly [T in 'junk' | DerivedTable as `rm.${T}`]: Row<T>;
} & {
  /** `data` is derived from the frame when it is read. */
  readonly 'rm.events': Row<'events'> & { readonly data: unknown };
  readonly 'rm.checkpoint': {
    readonly name: string;
    readonly version: number;
    readonly seq: number;
    readonly digest: string;
    readonly updated_at: string;
  };
};
