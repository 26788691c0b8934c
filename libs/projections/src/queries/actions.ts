// "Every action agent X took on resource Y in the last 24 hours", and the counts behind it. Reads only.
import { type SelectQueryBuilder, sql } from 'kysely';
import type { ReadModel, Row } from '../database/tables.js';
import { matchesPattern } from './pattern.js';
import type { Reader } from './reader.js';

/** An action of an agent: intent, verdict, gate, receipt and outcome in one row. */
export type ActionRow = Row<'actions'>;

/** A place in a list of actions, newest first. */
export type ActionCursor = { readonly at: string; readonly seq: number };

/** `agent` and `scope` are exact or an ancestor; `resource` is a pattern of boundaries; times RFC 3339, `from` inclusive. */
export type ActionFilter = {
  readonly agent?: string | undefined;
  readonly scope?: string | undefined;
  readonly resource?: string | undefined;
  readonly operation?: string | undefined;
  readonly verdict?: 'permitted' | 'denied' | 'escalated' | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

type Actions<O> = SelectQueryBuilder<ReadModel, 'rm.actions', O>;

const beneath = (scope: string) => sql<boolean>`(agent = ${scope} or starts_with(agent, ${`${scope}.`}))`;

const filtered = <O>(query: Actions<O>, f: ActionFilter): Actions<O> =>
  query
    .$if(f.agent !== undefined, (q) => q.where('agent', '=', f.agent!))
    .$if(f.scope !== undefined, (q) => q.where(beneath(f.scope!)))
    .$if(f.resource !== undefined, (q) => q.where(matchesPattern('resource', f.resource!)))
    .$if(f.operation !== undefined, (q) => q.where('operation', '=', f.operation!))
    .$if(f.verdict !== undefined, (q) => q.where('verdict', '=', f.verdict!))
    .$if(f.from !== undefined, (q) => q.where('decided_at', '>=', f.from!))
    .$if(f.to !== undefined, (q) => q.where('decided_at', '<', f.to!));

const behind = ({ at, seq }: ActionCursor) =>
  sql<boolean>`(decided_at, decided_seq) < (${at}::timestamptz, ${seq}::bigint)`;

/** Actions that fit, newest first (server time of the decision, then ledger order); `after` continues behind a row. */
export const actionsOf = async (
  reader: Reader,
  filter: ActionFilter & { readonly limit?: number; readonly after?: ActionCursor | undefined },
): Promise<readonly ActionRow[]> =>
  filtered(reader.selectFrom('rm.actions').selectAll(), filter)
    .$if(filter.after !== undefined, (q) => q.where(behind(filter.after!)))
    .orderBy('decided_at', 'desc')
    .orderBy('decided_seq', 'desc')
    .limit(filter.limit ?? 100)
    .execute();

/** How often what was decided; `hour` is the beginning of the hour, RFC 3339. */
export type Count = {
  readonly hour: string;
  readonly verdict: string;
  readonly rule: string | null;
  readonly count: number;
};

/** Decisions that fit, counted per hour, verdict and rule, newest hour first; at most 10,000 groups. */
export const countsOf = async (reader: Reader, filter: ActionFilter): Promise<readonly Count[]> =>
  filtered(reader.selectFrom('rm.actions'), filter)
    .select([
      sql<string>`date_trunc('hour', decided_at, 'UTC')`.as('hour'),
      'verdict',
      'rule',
      sql<number>`count(*)`.as('count'),
    ])
    .groupBy(['hour', 'verdict', 'rule'])
    .orderBy('hour', 'desc')
    .orderBy('verdict')
    .orderBy('rule')
    .limit(10_000)
    .execute();
