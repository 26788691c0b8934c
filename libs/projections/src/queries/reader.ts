// The read-only connection of the queries: role `writ_query`, the views of the live build, nothing else.
import type { Kysely } from 'kysely';
import { connectReadSide, kyselyOver } from '../database/connect.js';
import type { ReadModel } from '../database/tables.js';

/** The read model as kysely sees it. */
export type Reader = Kysely<ReadModel>;

/** Opens the read model for queries; `url` is that of the role `writ_query`. End it with `destroy()`. */
export const openReader = (url: string, max = 4): Reader => kyselyOver<ReadModel>(connectReadSide(url, max));
