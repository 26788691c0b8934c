// The database of the read side: migrations lead to what the table descriptions say, roles may do what they must and no more.
import { startTestPostgres, type TestPostgres } from '@writ/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDatabase } from '../src/database/connect.js';
import { derivedTables } from '../src/database/derived-tables.js';
import { buildMigrations, migrate } from '../src/database/migrations/migrate.js';
import { recordTables } from '../src/database/record-tables.js';
import type { TableSpec } from '../src/database/table-spec.js';
import { connectReadSide, prepareDatabase, type ReadSidePool } from '../src/index.js';
import { credentials, freshDatabase, type TestDatabase } from './database.js';

let server: TestPostgres;
let db: TestDatabase;

beforeAll(async () => {
  server = await startTestPostgres();
  db = await freshDatabase(server);
});
afterAll(async () => {
  await db.close();
  await server.stop();
});

const catalogue = async (admin: ReadSidePool, schema: string) => {
  const columns = await admin.query(
    `select table_name, column_name, ordinal_position, data_type, udt_name, is_nullable, column_default
     from information_schema.columns where table_schema = $1 and table_name not like 'migration%'
     order by table_name, ordinal_position`,
    [schema],
  );
  const indexes = await admin.query(
    `select replace(indexdef, $1 || '.', '') as def from pg_indexes where schemaname = $1
     and tablename not like 'migration%' order by 1`,
    [schema],
  );
  const options = await admin.query(
    `select relname, reloptions from pg_class where relnamespace = $1::regnamespace and reloptions is not null`,
    [schema],
  );
  return { columns: columns.rows, indexes: indexes.rows, options: options.rows };
};

const freshSql = (name: string, spec: TableSpec): string => {
  const columns = Object.entries(spec.columns).map(([column, type]) => `${column} ${type}`);
  const storage = spec.options === undefined ? '' : ` with (${spec.options})`;
  const table = `create table ${name} (${columns.join(', ')}, primary key (${spec.key.join(', ')}))${storage};`;
  return [table, ...(spec.indexes ?? []).map((index) => `create index ${index};`)].join('\n');
};

describe('migrations', () => {
  it('lead, one by one, to the schema that the table descriptions give afresh', async () => {
    const url = await server.createDatabase('migrated');
    const admin = connectReadSide(url);
    const tables: Record<string, TableSpec> = { ...recordTables, ...derivedTables };
    await admin.query('create schema fresh; create schema stepwise');
    for (const [name, spec] of Object.entries(tables)) {
      await admin.query(`set search_path to fresh; ${freshSql(name, spec)}; reset search_path`);
    }
    const steps = Object.keys(buildMigrations('stepwise')).length;
    for (let n = 0; n < steps; n += 1) {
      await withDatabase(url, (kysely) => migrate(kysely, 'stepwise', buildMigrations('stepwise'), 1));
    }
    const [fresh, stepwise] = [await catalogue(admin, 'fresh'), await catalogue(admin, 'stepwise')];
    expect(stepwise.columns.length).toBeGreaterThan(100);
    expect(stepwise.options).toHaveLength(1);
    expect(stepwise).toEqual(fresh);
    await admin.end();
  });

  it('change nothing when the database is prepared again, also by two at once', async () => {
    const before = await catalogue(db.admin, 'rm_v1_b1');
    await Promise.all([1, 2].map(() => prepareDatabase(db.adminUrl, { credentials })));
    expect(await catalogue(db.admin, 'rm_v1_b1')).toEqual(before);
    const { rows } = await db.admin.query('select version, build, state from writ_projection.checkpoints');
    expect(rows).toEqual([{ version: 1, build: 1, state: 'live' }]);
  });
});

const denied = { code: '42501' };

describe('the projector role', () => {
  it.each([
    "update rm_v1_b1.events set frame = ''",
    'delete from rm_v1_b1.events',
    'delete from rm_v1_b1.junk',
    'truncate rm_v1_b1.actions',
    'drop table rm_v1_b1.actions',
    'alter table rm_v1_b1.actions add x text',
    'create table rm_v1_b1.x (y text)',
    'create schema x',
    "insert into writ_projection.checkpoints (name, version, build, schema, state) values ('rm', 9, 9, 'x', 'live')",
    'delete from writ_projection.checkpoints',
    "update writ_projection.checkpoints set state = 'live'",
    "select writ_projection.expose('rm_v1_b1')",
    'drop view rm.actions',
    'delete from rm_v1_b1.migration',
  ])('may not: %s', async (sql) => {
    await expect(db.projector.query(sql)).rejects.toMatchObject(denied);
  });

  it('may write rows and move the checkpoint', async () => {
    await db.projector.query("insert into rm_v1_b1.environments (environment) values ('a.b.c')");
    await db.projector.query("delete from rm_v1_b1.environments where environment = 'a.b.c'");
    await db.projector.query('update writ_projection.checkpoints set seq = seq');
  });
});

describe('the query role', () => {
  it.each([
    'select * from rm_v1_b1.events',
    'select * from writ_projection.checkpoints',
    "select writ_projection.promote('rm', 1, 1)",
    'set transaction read write; delete from rm.actions',
    "set transaction read write; insert into rm.environments (environment) values ('x')",
    'set transaction read write; drop view rm.actions',
    'set transaction read write; create schema x',
  ])('may not: %s', async (sql) => {
    await expect(db.query.query(`begin; ${sql}`)).rejects.toMatchObject(denied);
    await db.query.query('rollback');
  });

  it('may read every view, and cannot write even where it had the right', async () => {
    const { rows } = await db.admin.query("select viewname from pg_views where schemaname = 'rm'");
    expect(rows.length).toBeGreaterThan(15);
    for (const { viewname } of rows) await db.query.query(`select * from rm.${viewname} limit 1`);
    await expect(db.query.query('create temp table x (y text)')).rejects.toMatchObject({ code: '25006' });
  });
});
