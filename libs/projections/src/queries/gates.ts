// Approval gates with their votes. Reads only.
import { sql } from 'kysely';
import type { Row } from '../database/tables.js';
import type { Reader } from './reader.js';

/** One person's vote. */
export type VoteRow = { readonly person: string; readonly choice: string; readonly votedAt: string };

/** A gate: what it holds, who may decide, who has voted. `approvals` counts distinct people. */
export type GateState = Row<'gates'> & {
  readonly tool: string | null;
  readonly operation: string | null;
  readonly resource: string | null;
  readonly approvals: number;
  readonly votes: readonly VoteRow[];
};

/** Gates, newest first. `open`: those that still wait for people, frozen ones included. */
export const gates = async (
  reader: Reader,
  filter: {
    readonly state?: 'open' | 'all';
    readonly scope?: string | undefined;
    readonly limit?: number;
    readonly after?: number | undefined;
  },
): Promise<readonly GateState[]> => {
  const { state = 'open', scope } = filter;
  const open = state === 'open' ? sql`g.status in ('open', 'frozen')` : sql`true`;
  const within =
    scope === undefined ? sql`true` : sql`(g.agent = ${scope} or starts_with(g.agent, ${`${scope}.`}))`;
  const behind = filter.after === undefined ? sql`true` : sql`g.opened_seq < ${filter.after}`;
  const { rows } = await sql<GateState>`
    select g.*, a.tool, a.operation, a.resource, v.approvals, v.votes
    from rm.gates g
    left join rm.actions a using (environment, agent, intent_id)
    cross join lateral (
      select count(*) filter (where choice = 'approve') as approvals,
        coalesce(json_agg(json_build_object('person', person, 'choice', choice, 'votedAt',
          to_char(voted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by seq), '[]') as votes
      from rm.votes v where (v.environment, v.agent, v.intent_id) = (g.environment, g.agent, g.intent_id)) v
    where ${open} and ${within} and ${behind}
    order by g.opened_seq desc limit ${filter.limit ?? 100}`.execute(reader);
  return rows;
};
