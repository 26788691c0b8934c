// Owns connections to Postgres. It never logs a statement or a value.
import pg from 'pg';
import type { Log } from '../log.js';

/** A pool of connections (node-postgres). */
export type PostgresPool = pg.Pool;

/**
 * A pool on `url`. The loss of an idle connection is logged and never ends the process; the next query connects anew.
 * A connection attempt fails after 5 s. `name` is shown in pg_stat_activity. End it with `pool.end()`.
 */
export function connectPostgres(
  url: string,
  options: { readonly max?: number; readonly name?: string; readonly log?: Log } = {},
): PostgresPool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 5,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    application_name: options.name ?? 'writ',
  });
  pool.on('error', (error: Error & { code?: string }) =>
    options.log?.warn({ code: error.code }, 'postgres.connection-lost'),
  );
  return pool;
}

/** Runs `work` on one connection of its own and closes it. */
export async function withClient<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
