// Tells whether a database was prepared, with the projector's own role. It prepares nothing.
import type { ReadSidePool } from './connect.js';
import { PROJECTION, PROJECTION_VERSION } from './names.js';

// No such schema, table or right; no such role, another password; no such database.
const NOT_PREPARED = new Set(['3F000', '42P01', '42501', '28000', '28P01', '3D000']);

/**
 * What a database still needs before a projector of `version` can run on it, in words; undefined when it is prepared. `pool` is
 * of the role `writ_projector`. Throws what a server that does not answer throws.
 */
export const unprepared = async (
  pool: ReadSidePool,
  version: number = PROJECTION_VERSION,
): Promise<string | undefined> => {
  try {
    const { rowCount } = await pool.query(
      'select 1 from writ_projection.checkpoints where name = $1 and version >= $2 limit 1',
      [PROJECTION, version],
    );
    return rowCount === 0 ? `it has no build of version ${version}` : undefined;
  } catch (error) {
    const code = (error as { readonly code?: unknown } | null)?.code;
    if (typeof code === 'string' && NOT_PREPARED.has(code)) return `its role or schema is missing (${code})`;
    throw error;
  }
};
