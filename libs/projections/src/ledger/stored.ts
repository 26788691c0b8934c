// Reads back what a build has taken over from the ledger: it was verified then, and is not verified again.
import { type LedgerDocument, parseLedgerDocument } from '@writ/contracts';
import { readFrame } from '@writ/crypto';
import { emptyChain } from '@writ/domain';
import type pg from 'pg';
import type { PinnedRoot } from './directory.js';
import { initialJudgeState, type JudgeState } from './judge.js';

/** An event of a build, parsed again from its exact bytes. */
export type StoredEvent = {
  readonly seq: number;
  readonly subject: string;
  readonly time: string;
  readonly digest: string;
  readonly document: LedgerDocument;
};

type EventRow = {
  readonly seq: number;
  readonly subject: string;
  readonly time: string;
  readonly digest: string;
  readonly frame: Buffer;
};

const PAGE = 1000;

const parseRow = ({ frame, ...row }: EventRow): StoredEvent => {
  const read = readFrame(frame);
  if (!read.ok) throw new Error(`the stored event ${row.seq} cannot be read`);
  const parsed = parseLedgerDocument(JSON.parse(Buffer.from(read.frame.document).toString('utf8')));
  if (parsed.kind !== 'known') throw new Error(`the stored event ${row.seq} cannot be parsed`);
  return { ...row, document: parsed.document };
};

/** The events of a build that meet `where` (SQL over `events`), in order, page by page. */
export async function* storedEvents(
  client: pg.ClientBase | pg.Pool,
  schema: string,
  where: string,
): AsyncIterable<StoredEvent> {
  for (let after = 0; ; ) {
    const { rows } = await client.query<EventRow>(
      `select seq, subject, time, digest, frame from "${schema}".events
       where seq > $1 and (${where}) order by seq limit ${PAGE}`,
      [after],
    );
    yield* rows.map(parseRow);
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.seq;
  }
}

type ChainRow = {
  readonly subject: string;
  readonly agent: string;
  readonly ver: number;
  readonly head: string;
};

const restoreChains = async (pool: pg.Pool, schema: string, state: JudgeState): Promise<void> => {
  const { rows } = await pool.query<ChainRow>(`select subject, agent, ver, head from "${schema}".chains`);
  for (const { subject, agent, ver, head } of rows) {
    const chain = state.chains.get(subject) ?? emptyChain;
    const agents = agent === '' ? chain.agents : chain.agents.set(agent, { ver, head });
    state.chains.set(subject, agent === '' ? { ...chain, ver, head } : { ...chain, agents });
  }
};

// What was effective when it came, also where a later distrust reached back: admission had folded it by then.
const WAS_EFFECTIVE = 'not void or voided_by is not null';

const restoreFacts = async (pool: pg.Pool, schema: string, state: JudgeState): Promise<void> => {
  const { rows } = await pool.query<{ readonly subject: string; readonly id: string }>(
    `select subject, id from "${schema}".events where ver is null and (${WAS_EFFECTIVE})`,
  );
  for (const { subject, id } of rows) {
    const chain = state.chains.get(subject) ?? emptyChain;
    state.chains.set(subject, { ...chain, facts: chain.facts.add(id) });
  }
};

/** The state of admission at a build's checkpoint. */
export const restoreJudgeState = async (
  pool: pg.Pool,
  schema: string,
  roots: readonly PinnedRoot[],
): Promise<JudgeState> => {
  const state = initialJudgeState(roots);
  await restoreChains(pool, schema, state);
  await restoreFacts(pool, schema, state);
  await restoreDirectory(pool, schema, state);
  return state;
};

// Void: its key is void from the beginning, but not unknown.
const CERTIFIES = `type in ('writ.registry.key-certified.v1', 'writ.registry.person-added.v1',
  'writ.registry.agent-registered.v1', 'writ.registry.enforcement-point-registered.v1')`;

const restoreDirectory = async (pool: pg.Pool, schema: string, { directory }: JudgeState): Promise<void> => {
  const voids: StoredEvent[] = [];
  for await (const event of storedEvents(pool, schema, `${CERTIFIES} and not (${WAS_EFFECTIVE})`))
    voids.push(event);
  const foldVoids = (before: number): void => {
    while (voids[0] !== undefined && voids[0].seq < before) directory.foldVoid(voids.shift() as StoredEvent);
  };
  for await (const event of storedEvents(pool, schema, `family = 'registry' and (${WAS_EFFECTIVE})`)) {
    foldVoids(event.seq);
    directory.fold(event);
  }
  foldVoids(Number.POSITIVE_INFINITY);
};
