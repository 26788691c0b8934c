// The shape in which tables are described. It holds no table.

/** Column types as Postgres names them, the primary key, and the indexes (`name on table (...)`). */
export type TableSpec = {
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, string>>;
  readonly indexes?: readonly string[];
  /** Storage parameters. */
  readonly options?: string;
};
