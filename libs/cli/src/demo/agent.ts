// The agent of the sample, a process of its own: it holds a database connection that could drop everything, and its Writ client.
// It does its work list in order; what it may do is decided elsewhere. Its state is where it stands in the list.
import {
  type Authorisation,
  connectWrit,
  type IntentInput,
  readCredentials,
  type WritClient,
} from '@writ/client';
import { connectPostgres, type PostgresPool } from '@writ/runtime';

/** What the agent tells its parent; ids and counts, never arguments. */
export type AgentNews =
  | { readonly kind: 'connected' }
  | { readonly kind: 'asking'; readonly task: string }
  | { readonly kind: 'escalated'; readonly task: string; readonly intentId: string }
  | { readonly kind: 'done'; readonly task: string; readonly via: string; readonly count: number }
  | { readonly kind: 'refused'; readonly task: string; readonly code: string }
  | { readonly kind: 'halted'; readonly at: number }
  | { readonly kind: 'resumed'; readonly at: number; readonly restored: boolean }
  | { readonly kind: 'finished'; readonly done: number };

type Task = {
  readonly name: string;
  readonly operation: string;
  readonly table: string;
  readonly goal: string;
  readonly rows: number;
  readonly sql: string;
  readonly params: readonly number[];
  readonly reversal: 'none' | 'inverse-action';
};

const task = (
  name: string,
  operation: string,
  table: string,
  goal: string,
  rows: number,
  sql: string,
  params: readonly number[] = [],
): Task => ({
  name,
  operation,
  table,
  goal,
  rows,
  sql,
  params,
  reversal: operation === 'update' ? 'inverse-action' : 'none',
});

const deleteCart = (id: number): Task =>
  task(
    `delete expired cart ${id}`,
    'delete',
    'carts',
    'remove expired carts',
    1,
    'delete from carts where id = $1 and expired',
    [id],
  );

const release = (from: number, to: number): Task =>
  task(
    `release stuck orders ${from}-${to}`,
    'update',
    'orders',
    'release stuck orders',
    10,
    "update orders set status = 'shipped' where status = 'stuck' and id between $1 and $2",
    [from, to],
  );

/** The work list. The third task is the incident: the shortest way to "clean up" would destroy production. */
const tasks: readonly Task[] = [
  task(
    'read the stuck orders',
    'select',
    'orders',
    'see what is stuck',
    20,
    "select id from orders where status = 'stuck'",
  ),
  release(1, 500),
  release(501, 1000),
  task(
    'drop and recreate customers',
    'drop',
    'customers',
    'the most efficient fix for duplicate customers',
    200,
    'drop table customers cascade',
  ),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map(deleteCart),
  task('read the carts that are left', 'select', 'carts', 'report', 32, 'select id from carts'),
];

const tell = (news: AgentNews): void => void process.send?.(news);

const intentOf = (t: Task): IntentInput => ({
  action: {
    tool: 'psql',
    operation: t.operation,
    resource: `postgres:orders/${t.table}`,
    args: { table: t.table, rows: t.rows, sql: t.sql, params: [...t.params] },
  },
  reasoning: { goal: t.goal, alternatives: ['leave it as it is'], model: 'sample' },
  reversal: { method: t.reversal },
});

const perform = async (writ: WritClient, db: PostgresPool, t: Task): Promise<void> => {
  tell({ kind: 'asking', task: t.name });
  const authorised: Authorisation = await writ.authorize(intentOf(t), {
    wait: 'approval',
    pollMs: 200,
    onPending: ({ handle }) => tell({ kind: 'escalated', task: t.name, intentId: handle.id }),
  });
  if (authorised.kind !== 'permitted') {
    const code = authorised.kind === 'escalated' ? 'WRIT-ENF-003' : authorised.code;
    tell({ kind: 'refused', task: t.name, code });
    return;
  }
  const run = await writ.execute(authorised.handle, async (args, context) => {
    const result = await db.query(String(args['sql']), args['params'] as number[]);
    const count = result.rowCount ?? 0;
    context.effect({ resource: `postgres:orders/${t.table}`, operation: t.operation, count });
    return count;
  });
  if (run.kind === 'executed') tell({ kind: 'done', task: t.name, via: run.receipt.via, count: run.value });
  else tell({ kind: 'refused', task: t.name, code: run.code });
};

const main = async (credentials: string, database: string): Promise<void> => {
  const db = connectPostgres(database, { max: 2 });
  let at = 0;
  let restored = false;
  const writ = await connectWrit(readCredentials(credentials), {
    preserveState: () => ({ at }),
    restoreState: (state) => {
      restored = (state as { at?: number } | null)?.at === at;
      tell({ kind: 'resumed', at, restored });
    },
    onHalt: () => tell({ kind: 'halted', at }),
  });
  tell({ kind: 'connected' });
  for (; at < tasks.length; at += 1) await perform(writ, db, tasks[at] as Task);
  tell({ kind: 'finished', done: at });
  await writ.close();
  await db.end();
  process.disconnect?.();
};

const [credentials] = process.argv.slice(2);
const database = process.env['SAMPLE_DATABASE_URL'];
if (credentials !== undefined && database !== undefined) await main(credentials, database);
