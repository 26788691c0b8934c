// Puts the read model together: database, projector, API. Given its parts, it knows nothing of files, the bus or settings.
import {
  connectReadSide,
  type LedgerSource,
  openReader,
  type PinnedRoot,
  type ProjectionFault,
  type Projector,
  type ProjectorNotice,
  prepareDatabase,
  type ReadSideCredentials,
  startProjector,
} from '@writ/projections';
import type { Access } from './api/access.js';
import { type Api, type ApiOptions, createApi } from './api/api.js';

/** `adminUrl` prepares the database and is not kept; projector and API each use their own role. `now` is wall time in ms. */
export type ReadModelParts = {
  readonly adminUrl: string;
  readonly credentials: ReadSideCredentials;
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

/**
 * Starts the read model. Dies at any point: nothing is lost that the ledger does not hold; the next start goes on from the
 * checkpoint. Throws what preparing the database throws.
 */
export const runReadModel = async (parts: ReadModelParts): Promise<ReadModel> => {
  const { adminUrl, credentials, source, roots, access, now, onNotice, onFault, onApiFailure } = parts;
  const urls = await prepareDatabase(adminUrl, { credentials });
  const pool = connectReadSide(urls.projector, 2);
  const reader = openReader(urls.query);
  const projector = startProjector({
    pool,
    source,
    roots,
    ...(onNotice === undefined ? {} : { onNotice }),
    ...(onFault === undefined ? {} : { onFault }),
  });
  const api = createApi({
    reader,
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
      await Promise.all([pool.end(), reader.destroy()]);
    },
  };
};
