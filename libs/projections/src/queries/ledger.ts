// How far the read model is, and the exact frames it holds. Reads only.
import { sql } from 'kysely';
import type { Reader } from './reader.js';

/** The checkpoint of the live build. `digest`: SHA-256 of the bytes of the message at `seq`. */
export type LedgerHead = {
  readonly version: number;
  readonly seq: number;
  readonly digest: string;
  readonly updatedAt: string;
  readonly events: number;
  readonly void: number;
  readonly junk: number;
};

/** The live checkpoint, and how many messages of each kind stand behind it. */
export const ledgerHead = async (reader: Reader): Promise<LedgerHead> => {
  // Sequences have no gaps: what is not junk is an event.
  const { rows } = await sql<LedgerHead>`
    select c.version, c.seq, c.digest, c.updated_at as "updatedAt", c.seq - j.count as events,
      (select count(*) from rm.events where void) as void, j.count as junk
    from rm.checkpoint c cross join (select count(*) from rm.junk) j where c.name = 'rm'`.execute(reader);
  const head = rows[0];
  if (head === undefined) throw new Error('no build of the read model is live');
  return head;
};

/** One message as it was stored, junk included. */
export type ExportedMessage = {
  readonly seq: number;
  readonly time: string;
  readonly subject: string;
  readonly frame: Buffer;
};

const PAGE = 500;

/** The stored messages from `from` to `to` (both inclusive), in order, page by page, so that a slow reader holds nothing open. */
export async function* exportedMessages(
  reader: Reader,
  range: { readonly from: number; readonly to: number },
): AsyncIterable<ExportedMessage> {
  for (let from = range.from; from <= range.to; ) {
    const { rows } = await sql<ExportedMessage>`
      (select seq, time, subject, frame from rm.events where seq between ${from} and ${range.to}
        order by seq limit ${PAGE})
      union all
      (select seq, time, subject, frame from rm.junk where seq between ${from} and ${range.to}
        order by seq limit ${PAGE})
      order by seq limit ${PAGE}`.execute(reader);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    from = last.seq + 1;
  }
}
