// What the ledger holds of each event type in a period, with a few events as samples. Reads only.
import { sql } from 'kysely';
import type { Reader } from './reader.js';

/** `from` inclusive, `to` exclusive, server time, RFC 3339; `samples` per type. */
export type EvidenceFilter = { readonly from: string; readonly to: string; readonly samples: number };

/** One event of a type, with the number of all of its type in the period. */
export type EvidenceRow = {
  readonly type: string;
  readonly count: number;
  readonly seq: number;
  readonly time: string;
  readonly id: string;
  readonly digest: string;
  readonly agent: string | null;
  readonly intent_id: string | null;
};

/**
 * Effective events of a period by type. Samples are those whose digest comes first: nobody chooses them, and the same ledger gives
 * the same ones.
 */
export const evidenceOf = async (
  reader: Reader,
  { from, to, samples }: EvidenceFilter,
): Promise<readonly EvidenceRow[]> => {
  const { rows } = await sql<EvidenceRow>`
    select type, count, seq, time, id, digest, agent, intent_id from (
      select type, seq, time, id, digest, agent, intent_id, count(*) over (partition by type) as count,
        row_number() over (partition by type order by digest collate "C") as place
      from rm.events where not void and time >= ${from}::timestamptz and time < ${to}::timestamptz
    ) e where place <= ${samples} order by type, place`.execute(reader);
  return rows;
};
