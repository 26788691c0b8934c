// Owns the checkpoint row: how far a build has come. It moves only by compare-and-swap, in the transaction of the rows.
import type pg from 'pg';
import { PROJECTION } from '../database/names.js';
import { ProjectionFault } from './fault.js';

/** A checkpoint: `digest` is SHA-256 of the bytes of the message at `seq`, empty at 0. */
export type Checkpoint = {
  readonly name: string;
  readonly version: number;
  readonly build: number;
  readonly schema: string;
  readonly state: 'building' | 'live' | 'retired';
  readonly seq: number;
  readonly digest: string;
};

const COLUMNS = 'name, version, build, schema, state, seq, digest';

/** The checkpoint of one build. */
export const readCheckpoint = async (
  pool: pg.Pool,
  version: number,
  build: number,
): Promise<Checkpoint | undefined> => {
  const { rows } = await pool.query<Checkpoint>(
    `select ${COLUMNS} from writ_projection.checkpoints where name = $1 and version = $2 and build = $3`,
    [PROJECTION, version, build],
  );
  return rows[0];
};

/**
 * The build that a projector of `version` has to fill: the live one of its version, else the newest that is being built.
 * Throws WRIT-PRJ-001 when a newer version is live, or when the database was not prepared for this one.
 */
export const findBuild = async (pool: pg.Pool, version: number): Promise<Checkpoint> => {
  const { rows } = await pool.query<Checkpoint>(
    `select ${COLUMNS} from writ_projection.checkpoints where name = $1 and state <> 'retired'
     order by state = 'live' desc, build desc`,
    [PROJECTION],
  );
  const live = rows.find((row) => row.state === 'live');
  if (live !== undefined && live.version > version) {
    throw new ProjectionFault(
      'WRIT-PRJ-001',
      `version ${live.version} is live, this projector is ${version}`,
    );
  }
  const mine = rows.find((row) => row.version === version);
  if (mine === undefined) {
    throw new ProjectionFault('WRIT-PRJ-001', `the database has no build of version ${version}`);
  }
  return mine;
};

/** Moves the checkpoint if it still stands where it was known to stand and its build is not retired. First in the transaction: a competitor waits here. */
export const moveCheckpoint = async (
  client: pg.ClientBase,
  at: Checkpoint,
  seq: number,
  digest: string,
): Promise<boolean> => {
  const { rowCount } = await client.query({
    name: 'rm_move',
    text: `update writ_projection.checkpoints set seq = $1, digest = $2, updated_at = now()
      where name = $3 and version = $4 and build = $5 and seq = $6 and digest = $7 and state <> 'retired'`,
    values: [seq, digest, at.name, at.version, at.build, at.seq, at.digest],
  });
  return rowCount === 1;
};

/** Shows a build in place of the live one, in one transaction, if it has caught up with it. */
export const promote = async (pool: pg.Pool, at: Checkpoint): Promise<boolean> => {
  const { rows } = await pool.query<{ readonly promoted: boolean }>(
    'select writ_projection.promote($1, $2, $3) as promoted',
    [at.name, at.version, at.build],
  );
  return rows[0]?.promoted ?? false;
};
