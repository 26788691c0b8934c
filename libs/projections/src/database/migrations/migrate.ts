// Runs migrations in code, in order, one schema at a time. It never goes down.
import { type Kysely, type Migration, Migrator } from 'kysely';
import { build0001Initial } from './build-0001-initial.js';
import { build0002Lookups } from './build-0002-lookups.js';
import { control0001Initial } from './control-0001-initial.js';

type Migrations = Readonly<Record<string, Migration>>;

/** The migrations of the control schema. */
export const controlMigrations: Migrations = { '0001-initial': control0001Initial };

/** The migrations of a build's schema. */
export const buildMigrations = (schema: string): Migrations => ({
  '0001-initial': build0001Initial(schema),
  '0002-lookups': build0002Lookups(schema),
});

const migratorOf = (db: Kysely<unknown>, schema: string, migrations: Migrations): Migrator =>
  new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableSchema: schema,
    migrationTableName: 'migration',
    migrationLockTableName: 'migration_lock',
  });

/** Brings a schema up to date (`steps`: at most so many, for tests). Throws the error of the migration that failed; that one is rolled back. */
export const migrate = async (
  db: Kysely<unknown>,
  schema: string,
  migrations: Migrations,
  steps = Number.POSITIVE_INFINITY,
): Promise<void> => {
  const migrator = migratorOf(db, schema, migrations);
  for (let n = 0; n < steps; n += 1) {
    const { error, results } = await migrator.migrateUp();
    if (error !== undefined) throw error;
    if (results === undefined || results.length === 0) return;
  }
};
