// Halts: what is stopped, since when, by whom, and who has confirmed. Reads only.
import { sql } from 'kysely';
import type { Row } from '../database/tables.js';
import type { Reader } from './reader.js';

/** An agent's answer to a halt. */
export type AcknowledgementRow = {
  readonly agent: string;
  readonly state: string;
  readonly aborted: number;
  readonly recordedAt: string;
};

/** A halt in one environment. `unconfirmed` names the agents that were not heard of. */
export type HaltState = Row<'halts'> & {
  readonly acknowledged: number;
  readonly acknowledgements: readonly AcknowledgementRow[];
  readonly unconfirmed: readonly string[];
};

/** A place in a list of halts, newest first. */
export type HaltCursor = { readonly seq: number; readonly halt: string };

/** At most this many answers are listed per halt; `acknowledged` counts all. */
const LISTED = 1000;

/** Halts, newest first. `in-force`: those not released. */
export const halts = async (
  reader: Reader,
  filter: {
    readonly state?: 'in-force' | 'all';
    readonly environment?: string | undefined;
    readonly limit?: number;
    readonly after?: HaltCursor | undefined;
  },
): Promise<readonly HaltState[]> => {
  const { state = 'in-force', environment } = filter;
  const inForce = state === 'in-force' ? sql`h.released_seq is null` : sql`true`;
  const within = environment === undefined ? sql`true` : sql`h.environment = ${environment}`;
  const behind =
    filter.after === undefined
      ? sql`true`
      : sql`(h.engaged_seq, h.halt_id) < (${filter.after.seq}::bigint, ${filter.after.halt})`;
  const { rows } = await sql<HaltState>`
    select h.*, k.acknowledged, k.acknowledgements, u.unconfirmed
    from rm.halts h
    cross join lateral (
      select count(*) as acknowledged, coalesce(json_agg(json_build_object('agent', agent, 'state', state,
          'aborted', aborted, 'recordedAt',
          to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by seq, agent)
        filter (where n <= ${LISTED}), '[]') as acknowledgements
      from (select *, row_number() over (order by seq, agent) as n from rm.acknowledgements k
        where (k.environment, k.halt_id) = (h.environment, h.halt_id)) k) k
    cross join lateral (
      select coalesce(array_agg(agent order by agent), '{}') as unconfirmed from rm.unconfirmed u
      where (u.environment, u.halt_id) = (h.environment, h.halt_id)) u
    where ${inForce} and ${within} and ${behind}
    order by h.engaged_seq desc, h.halt_id desc limit ${filter.limit ?? 100}`.execute(reader);
  return rows;
};
