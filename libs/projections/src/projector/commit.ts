// Owns the one transaction of a batch: rows and checkpoint together, or neither.
import type pg from 'pg';
import { recordColumns } from '../database/record-rows.js';
import type { Handlers } from '../handlers/handlers.js';
import { copyRows } from '../rows/copy.js';
import { writeChanges } from '../rows/write.js';
import { type Batch, digestOfBatch } from './batch.js';
import { type Checkpoint, moveCheckpoint } from './checkpoint.js';
import { CheckpointMoved } from './fault.js';
import { refold } from './refold.js';

const writeTips = (client: pg.ClientBase, schema: string, batch: Batch): Promise<unknown> =>
  client.query({
    name: `rm_tips_${schema}`,
    text: `insert into "${schema}".chains (subject, agent, ver, head)
      select subject, agent, ver, head
      from json_to_recordset($1::json) as v(subject text, agent text, ver bigint, head text)
      on conflict (subject, agent) do update set ver = excluded.ver, head = excluded.head`,
    values: [JSON.stringify([...batch.tips.values()])],
  });

const write = async (
  client: pg.ClientBase,
  at: Checkpoint,
  batch: Batch,
  handlers: Handlers,
): Promise<Checkpoint> => {
  const digest = digestOfBatch(batch);
  if (!(await moveCheckpoint(client, at, batch.seq, digest))) throw new CheckpointMoved();
  await copyRows(client, `"${at.schema}".events`, recordColumns.events, batch.events);
  await copyRows(client, `"${at.schema}".junk`, recordColumns.junk, batch.junk);
  if (batch.tips.size > 0) await writeTips(client, at.schema, batch);
  await writeChanges(client, at.schema, batch.changes);
  if (batch.distrust !== undefined) await refold(client, at.schema, batch.distrust, handlers);
  return { ...at, seq: batch.seq, digest };
};

/**
 * Writes a batch and moves the checkpoint. Dies before the commit: nothing happened, the batch is read again. Dies after: the
 * next start begins behind it. The commit does not wait for the disk: a crash of Postgres takes rows and checkpoint together.
 * Throws `CheckpointMoved` when another projector was first.
 */
export const commitBatch = async (
  pool: pg.Pool,
  at: Checkpoint,
  batch: Batch,
  handlers: Handlers,
): Promise<Checkpoint> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin; set local synchronous_commit = off');
    const next = await write(client, at, batch, handlers);
    await client.query('commit');
    return next;
  } catch (error) {
    await client.query('rollback').catch((e: Error) => {
      broken = e;
    });
    throw error;
  } finally {
    client.release(broken);
  }
};
