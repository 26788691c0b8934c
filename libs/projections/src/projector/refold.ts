// After a distrust that reaches back: voids the events it reaches and derives every row again from those that remain.
import type pg from 'pg';
import { derivedTables } from '../database/derived-tables.js';
import { changesOf, type Handlers } from '../handlers/handlers.js';
import { storedEvents } from '../ledger/stored.js';
import { createNetChanges } from '../rows/net.js';
import { writeChanges } from '../rows/write.js';
import type { Distrust } from './batch.js';

const CHUNK = 2000;

const voidReached = async (client: pg.ClientBase, schema: string, d: Distrust): Promise<number> => {
  const { rowCount } = await client.query(
    `update "${schema}".events set void = true, void_code = 'WRIT-FRM-006', voided_by = $3
     where kid = $1 and seq >= $2 and seq < $3 and not void`,
    [d.kid, d.from, d.seq],
  );
  return rowCount ?? 0;
};

/** Runs inside the transaction that writes the distrust itself. Costs as much as the ledger is long; it is rare. */
export const refold = async (
  client: pg.ClientBase,
  schema: string,
  distrust: Distrust,
  handlers: Handlers,
): Promise<void> => {
  if ((await voidReached(client, schema, distrust)) === 0) return;
  for (const table of Object.keys(derivedTables)) await client.query(`delete from "${schema}"."${table}"`);
  let changes = createNetChanges();
  let events = 0;
  for await (const event of storedEvents(client, schema, 'not void')) {
    for (const change of changesOf(handlers, event)) changes.add(change);
    events += 1;
    if (events % CHUNK !== 0) continue;
    await writeChanges(client, schema, changes);
    changes = createNetChanges();
  }
  await writeChanges(client, schema, changes);
};
