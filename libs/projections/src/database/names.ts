// The names that everything in the database of the read side goes by.

/** The version of the projection: raised whenever handlers or tables change so that old rows would be wrong. */
export const PROJECTION_VERSION = 1;

/** The projection's name in the checkpoint row, and the schema of the views that show its live build. */
export const PROJECTION = 'rm';

/** Schema of checkpoints and of the functions that move builds. */
export const CONTROL = 'writ_projection';

/** Postgres roles: the first may write rows and move the checkpoint, the second may only read the views. */
export const Roles = { projector: 'writ_projector', query: 'writ_query' } as const;

/** The schema of one build. */
export const buildSchema = (version: number, build: number): string => `rm_v${version}_b${build}`;
