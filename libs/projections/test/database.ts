// A real Postgres for a test file, a fresh database per test, and dumps to compare. All of it is gone afterwards.
import { connectReadSide, prepareDatabase, type ReadSidePool } from '../src/index.js';

export const credentials = { projector: 'projector-secret', query: 'query-secret' };

let databases = 0;

export type TestServer = { createDatabase(name: string): Promise<string> };

/** A prepared database: addresses, and pools of every role. */
export const freshDatabase = async (server: TestServer, version?: number) => {
  databases += 1;
  const adminUrl = await server.createDatabase(`read_${process.pid}_${databases}`);
  const urls = await prepareDatabase(
    adminUrl,
    version === undefined ? { credentials } : { credentials, version },
  );
  const pools: ReadSidePool[] = [];
  const pool = (url: string) => {
    const made = connectReadSide(url);
    pools.push(made);
    return made;
  };
  return {
    adminUrl,
    urls,
    admin: pool(adminUrl),
    projector: pool(urls.projector),
    query: pool(urls.query),
    close: () => Promise.all(pools.map((p) => p.end())),
  };
};

export type TestDatabase = Awaited<ReturnType<typeof freshDatabase>>;

/** Every row of every table of a schema, in a fixed order. */
export const dump = async (
  admin: ReadSidePool,
  schema: string,
): Promise<Record<string, readonly string[]>> => {
  const { rows: tables } = await admin.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = $1
     and table_name not like 'migration%' and table_name <> 'checkpoint' order by 1`,
    [schema],
  );
  const dumped: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const { rows } = await admin.query<{ row: string }>(
      `select t::text as row from "${schema}"."${name}" t order by 1`,
    );
    dumped[name] = rows.map(({ row }) => row);
  }
  return dumped;
};
