// How far an organisation's registry is in the read model. Reads only.
import type { Token } from '@writ/contracts';
import type { Reader } from './reader.js';

/** The registry of an organisation as projected: the version of its last event and where that stands in the ledger. */
export type RegistryHead = { readonly org: Token; readonly ver: number; readonly seq: number };

const SUBJECT = 'gov.ledger.registry.';

/**
 * The head of the registry of `org`, or of the organisation whose registry was written last; undefined when there is none. A void
 * event keeps its place, so it counts here as in the chain.
 */
export const registryHead = async (reader: Reader, org?: Token): Promise<RegistryHead | undefined> => {
  let query = reader
    .selectFrom('rm.events')
    .select(['subject', 'ver', 'seq'])
    .where('family', '=', 'registry')
    .where('ver', 'is not', null);
  if (org !== undefined) query = query.where('subject', '=', `${SUBJECT}${org}`);
  const row = await query.orderBy('seq', 'desc').limit(1).executeTakeFirst();
  if (row === undefined || row.ver === null) return undefined;
  return { org: row.subject.slice(SUBJECT.length), ver: row.ver, seq: row.seq };
};
