// The state of agents: registered facts, containment, the boundary in force, and the halts that cover them. Reads only.
import { type RawBuilder, sql } from 'kysely';
import type { Reader } from './reader.js';

/** An agent or enforcement point as it stands. `boundary` is null where none is in force. Times RFC 3339. */
export type AgentState = {
  readonly scope: string;
  readonly kind: 'agent' | 'enforcement-point';
  readonly owner: string | null;
  readonly status: 'active' | 'retired' | 'orphaned';
  readonly kid: string | null;
  readonly containment: string;
  readonly autonomy: string | null;
  readonly boundary: { readonly name: string; readonly digest: string; readonly level: number } | null;
  readonly halted: boolean;
  readonly halts: readonly string[];
  readonly flags: number;
  readonly registered_at: string | null;
  readonly last_action_at: string | null;
};

// The most specific boundary: of the agent, its environment, its project, its organisation. An owner who was removed orphans.
// A halt narrowed to a tool stops actions, not the agent.
const states = (where: RawBuilder<unknown>, limit: number) => sql<AgentState>`
  select a.scope, a.kind, a.owner, a.kid, a.registered_at, a.last_action_at,
    case when a.status = 'active' and exists (
      select from rm.people p where p.org = split_part(a.scope, '.', 1) and p.person = a.owner
        and p.status = 'removed') then 'orphaned' else a.status end as status,
    coalesce(a.containment, 'none') as containment,
    coalesce(a.autonomy, b.autonomy) as autonomy,
    case when b.name is not null then
      json_build_object('name', b.name, 'digest', b.digest, 'level', b.level) end as boundary,
    h.halts <> '{}' as halted, h.halts,
    (select count(*) from rm.flags f where f.agent = a.scope) as flags
  from rm.agents a
  left join lateral (
    select name, digest, level, autonomy from rm.boundaries b
    where b.retired_at is null and (b.scope = a.scope or starts_with(a.scope, b.scope || '.'))
    order by length(b.scope) desc limit 1) b on true
  cross join lateral (
    select coalesce(array_agg(halt_id order by engaged_seq), '{}') as halts from rm.halts h
    where h.released_seq is null and h.tool is null
      and h.environment = array_to_string((string_to_array(a.scope, '.'))[1:3], '.')
      and (h.scope = a.scope or starts_with(a.scope, h.scope || '.'))) h
  where a.kind is not null and ${where}
  order by a.scope limit ${limit}`;

/** Agents at or beneath `scope` (all without it), by name, behind `after`. */
export const agentStates = async (
  reader: Reader,
  filter: {
    readonly scope?: string | undefined;
    readonly after?: string | undefined;
    readonly limit?: number;
  },
): Promise<readonly AgentState[]> => {
  const { scope, after = '' } = filter;
  const within =
    scope === undefined ? sql`true` : sql`(a.scope = ${scope} or starts_with(a.scope, ${`${scope}.`}))`;
  const { rows } = await states(sql`${within} and a.scope > ${after}`, filter.limit ?? 100).execute(reader);
  return rows;
};

/** One agent; undefined when there is none of that name. */
export const agentState = async (reader: Reader, scope: string): Promise<AgentState | undefined> => {
  const { rows } = await states(sql`a.scope = ${scope}`, 1).execute(reader);
  return rows[0];
};
