// Puts the read model together: database roles, projector, API. It prepares no database and knows nothing of files or the bus.
import {
  connectReadSide,
  type LedgerSource,
  openReader,
  type PinnedRoot,
  type ProjectionFault,
  type Projector,
  type ProjectorNotice,
  type ReadSidePool,
  type ReadSideUrls,
  startProjector,
  unprepared,
} from '@writ/projections';
import { connectPostgres, createSealReader, RuntimeFault } from '@writ/runtime';
import type { Access } from './api/access.js';
import { type Api, type ApiOptions, createApi } from './api/api.js';

/**
 * `urls`: the two roles in a prepared database; projector and API each use their own. `sealsUrl`: the role that reads the sealer's
 * state; without it there are no proofs. `now` is wall time in ms.
 */
export type ReadModelParts = {
  readonly urls: ReadSideUrls;
  readonly sealsUrl?: string;
  readonly source: LedgerSource;
  readonly roots: readonly PinnedRoot[];
  readonly access: Access;
  readonly now: () => number;
  readonly onNotice?: (notice: ProjectorNotice) => void;
  readonly onFault?: (fault: ProjectionFault) => void;
  readonly onApiFailure?: NonNullable<ApiOptions['onFailure']>;
};

/** A running read model. `ready`: the projection has no fault and the API's role gets answers. */
export interface ReadModel {
  readonly api: Api;
  readonly projector: Projector;
  ready(): Promise<boolean>;
  stop(): Promise<void>;
}

const connectPrepared = async (url: string): Promise<ReadSidePool> => {
  const pool = connectReadSide(url, 2);
  try {
    const missing = await unprepared(pool);
    if (missing !== undefined) throw new RuntimeFault('WRIT-PRJ-003', missing);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
};

/**
 * Starts the read model. Dies at any point: nothing is lost that the ledger does not hold; the next start goes on from the
 * checkpoint. Throws WRIT-PRJ-003 when the database was not prepared; it has no right to do that itself.
 */
export const runReadModel = async (parts: ReadModelParts): Promise<ReadModel> => {
  const { urls, source, roots, access, now, onNotice, onFault, onApiFailure } = parts;
  const pool = await connectPrepared(urls.projector);
  const reader = openReader(urls.query);
  const seals = parts.sealsUrl === undefined ? undefined : connectPostgres(parts.sealsUrl, { max: 2 });
  const projector = startProjector({
    pool,
    source,
    roots,
    ...(onNotice === undefined ? {} : { onNotice }),
    ...(onFault === undefined ? {} : { onFault }),
  });
  const api = createApi({
    reader,
    ...(seals === undefined ? {} : { seals: createSealReader(seals) }),
    now,
    access,
    ...(onApiFailure === undefined ? {} : { onFailure: onApiFailure }),
  });
  return {
    api,
    projector,
    ready: async () => {
      await reader.selectFrom('rm.checkpoint').select('seq').execute();
      return projector.fault() === undefined;
    },
    stop: async () => {
      await projector.stop();
      await Promise.all([pool.end(), reader.destroy(), seals?.end()]);
    },
  };
};
