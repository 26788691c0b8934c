// Owns connections to Postgres for the read side: times come as RFC 3339 texts, bigint as safe integers. It logs nothing.
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

const INT8 = 20;
const TIMESTAMPTZ = 1184;

const parsers: Record<number, (text: string) => unknown> = {
  [INT8]: (text) => Number(text),
  [TIMESTAMPTZ]: (text) => new Date(text).toISOString(),
};

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    parsers[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
} as unknown as pg.CustomTypesConfig;

/** A pool of connections of the read side (node-postgres). End it with `end()`. */
export type ReadSidePool = pg.Pool;

/**
 * A pool on `url`. The loss of an idle connection never ends the process; the next query connects anew, and an attempt to
 * connect fails after 5 s. `int8` arrives as a number, `timestamptz` as RFC 3339 UTC milliseconds.
 */
export const connectReadSide = (url: string, max = 4): ReadSidePool => {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    application_name: 'writ-read-model',
    types,
  });
  pool.on('error', () => undefined);
  return pool;
};

/** Kysely over a pool; `destroy()` ends the pool too. */
export const kyselyOver = <DB>(pool: ReadSidePool): Kysely<DB> =>
  new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });

/** Runs `work` with a Kysely of its own on `url`, then closes it. */
export const withDatabase = async <R>(url: string, work: (db: Kysely<unknown>) => Promise<R>): Promise<R> => {
  const db = kyselyOver<unknown>(connectReadSide(url, 1));
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
};
