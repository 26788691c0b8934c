// Indexes for the questions that the console asks most. Frozen once released.
import { type Kysely, type Migration, sql } from 'kysely';

const INDEXES = `
create index halts_in_force on halts (environment) where released_seq is null;
create index events_void on events (seq) where void;
create index flags_agent on flags (agent, seq);`;

/** Adds the indexes to the build in `schema`. */
export const build0002Lookups = (schema: string): Migration => ({
  up: async (db: Kysely<unknown>): Promise<void> => {
    await sql.raw(`set local search_path to ${schema}`).execute(db);
    await sql.raw(INDEXES).execute(db);
    await sql.raw('set local search_path to default').execute(db);
  },
});
