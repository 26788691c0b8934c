// Writes the sealer's state: one transaction per checkpoint, on one connection that holds the lock of the one sealer. It signs nothing.
import type { CompactRange, NamedHead, TreeHash } from '@writ/crypto';
import pg from 'pg';
import { RuntimeFault } from '../faults.js';
import { readTiles, type StoredCheckpoint } from './reader.js';
import { type HeadRow, headColumns, headOfRow } from './rows.js';
import { openTilesOf, type Tile } from './tiles.js';

/** The tree as of one size, without its leaves. `time` and `subject` are those of the last message. */
export type SealState = {
  readonly origin: string;
  readonly range: CompactRange;
  readonly headsRoot: TreeHash;
  readonly time: string;
  readonly subject: string;
};

/** What was kept: the state, the tiles that are not full, every head as it is now, the last checkpoint. */
export type KeptSeals = {
  readonly state: SealState | undefined;
  readonly tiles: readonly Tile[];
  readonly heads: readonly NamedHead[];
  readonly last: StoredCheckpoint | undefined;
};

/** One step: from the tree of `from` leaves to `state`, with the tiles and heads that it changed. */
export type SealStep = {
  readonly from: number;
  readonly state: SealState;
  readonly tiles: readonly Tile[];
  readonly heads: readonly NamedHead[];
};

/** The sealer's own store. Errors of the connection pass through: ask again, it connects anew. */
export interface SealStore {
  /** WRIT-SEA-004 when another process holds the lock for 5 s. */
  load(): Promise<KeptSeals>;
  /**
   * One transaction; asked again after a lost answer, it finds that it was done. WRIT-SEA-011 when the state is neither as the step
   * expects nor as it leaves it: another process wrote it, or the database was rolled back meanwhile.
   */
  commit(step: SealStep): Promise<void>;
  /** Throws the tree, its tiles and its heads away, not the notes: it is made again from the first message. */
  reset(): Promise<void>;
  /** Keeps a signed note; a second one of that size changes nothing. */
  keepNote(size: number, note: string): Promise<void>;
  keepCosigned(size: number, note: string): Promise<void>;
  /** Drops the heads that no checkpoint from `size` on needs. */
  dropHeadsBefore(size: number): Promise<void>;
  close(): Promise<void>;
}

const HASH = 32;
const LOCK_WAIT_MS = 5_000;
const LOCK_TRY_MS = 100;
const MISSING_SCHEMA = /^(3F000|42P01|42501|28P01|28000)$/;

const MOVE = `update sealer.state set size = $2, hashes = $3, heads_root = $4, time = $5, subject = $6
  where one and origin = $1 and size = $7`;
const BEGIN_STATE = `insert into sealer.state (origin, size, hashes, heads_root, time, subject)
  values ($1, $2, $3, $4, $5, $6) on conflict do nothing`;
const PUT_TILES = `insert into sealer.tile (level, index, hashes)
  select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])
  on conflict (level, index) do update set hashes = excluded.hashes`;
const END_HEADS = `update sealer.head as h set until = $4
  from unnest($1::text[], $2::text[], $3::text[]) as moved(kind, name, subject)
  where h.until is null and (h.kind, h.name, h.subject) = (moved.kind, moved.name, moved.subject)`;
const PUT_HEADS = `insert into sealer.head (kind, name, subject, count, last_seq, head, since)
  select *, $7::bigint from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])`;

type StateRow = {
  readonly origin: string;
  readonly size: string;
  readonly hashes: Buffer;
  readonly heads_root: Buffer;
  readonly time: string;
  readonly subject: string;
};

const hashesIn = (bytes: Buffer): readonly TreeHash[] =>
  Array.from({ length: bytes.length / HASH }, (_, n) => bytes.subarray(n * HASH, (n + 1) * HASH));

const stateOfRow = (row: StateRow): SealState => ({
  origin: row.origin,
  range: { size: Number(row.size), hashes: hashesIn(row.hashes) },
  headsRoot: row.heads_root,
  time: row.time,
  subject: row.subject,
});

const readState = async (client: pg.Client): Promise<SealState | undefined> => {
  const { rows } = await client.query<StateRow>('select * from sealer.state');
  return rows[0] === undefined ? undefined : stateOfRow(rows[0]);
};

const bytesOf = (state: SealState): Buffer => Buffer.concat(state.range.hashes);

const isSame = (a: SealState | undefined, b: SealState): boolean =>
  a?.range.size === b.range.size && a.origin === b.origin && bytesOf(a).equals(bytesOf(b));

const lock = async (client: pg.Client): Promise<void> => {
  const end = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const { rows } = await client.query<{ ok: boolean }>(
      "select pg_try_advisory_lock(hashtext('writ.sealer')) as ok",
    );
    if (rows[0]?.ok === true) return;
    if (performance.now() > end) throw new RuntimeFault('WRIT-SEA-004', 'it holds the lock in the database');
    await new Promise((resolve) => setTimeout(resolve, LOCK_TRY_MS));
  }
};

const moveState = async (client: pg.Client, { from, state }: SealStep): Promise<boolean> => {
  const { origin, range, headsRoot, time, subject } = state;
  const values = [origin, range.size, bytesOf(state), headsRoot, time, subject];
  const moved =
    from === 0 ? await client.query(BEGIN_STATE, values) : await client.query(MOVE, [...values, from]);
  return moved.rowCount === 1;
};

const writeStep = async (client: pg.Client, step: SealStep): Promise<void> => {
  const { tiles, heads, state } = step;
  const columns = headColumns(heads);
  const put = [tiles.map((t) => t.level), tiles.map((t) => t.index), tiles.map((t) => t.hashes)];
  await client.query({ name: 'writ-put-tiles', text: PUT_TILES, values: put });
  const ended = [...columns.slice(0, 3), state.range.size];
  await client.query({ name: 'writ-end-heads', text: END_HEADS, values: ended });
  await client.query({ name: 'writ-put-heads', text: PUT_HEADS, values: [...columns, state.range.size] });
};

const commitStep = async (client: pg.Client, step: SealStep): Promise<void> => {
  await client.query('begin');
  if (await moveState(client, step)) {
    await writeStep(client, step);
    await client.query('commit');
    return;
  }
  await client.query('rollback');
  const now = await readState(client);
  if (isSame(now, step.state)) return;
  throw new RuntimeFault('WRIT-SEA-011', `the state is at ${now?.range.size ?? 0}, not at ${step.from}`);
};

const loadKept = async (client: pg.Client): Promise<KeptSeals> => {
  const state = await readState(client);
  const notes = await client.query<{ size: string; note: string; cosigned: string | null }>(
    'select size, note, cosigned from sealer.checkpoint order by size desc limit 1',
  );
  const row = notes.rows[0];
  const last = row === undefined ? undefined : { ...row, size: Number(row.size) };
  if (state === undefined) return { state, tiles: [], heads: [], last };
  const heads = await client.query<HeadRow>('select * from sealer.head where until is null');
  const tiles = await readTiles(client, openTilesOf(state.range.size));
  return { state, tiles, heads: heads.rows.map(headOfRow), last };
};

// One connection, made when it is first needed and again after it was lost; the lock goes with it.
const keepConnection = (url: string) => {
  let current: Promise<pg.Client> | undefined;
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      application_name: 'sealer',
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await lock(client);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  };
  const drop = async (): Promise<void> => {
    const gone = current;
    current = undefined;
    await gone?.then((client) => client.end()).catch(() => undefined);
  };
  const use = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    current ??= connect();
    try {
      return await work(await current);
    } catch (error) {
      await drop();
      const { code } = error as { readonly code?: unknown };
      if (typeof code === 'string' && MISSING_SCHEMA.test(code))
        throw new RuntimeFault('WRIT-SEA-001', `Postgres says ${code}`, { cause: error });
      throw error;
    }
  };
  return { use, drop };
};

/** The store on a connection of its own as role `writer` (`prepareSeals`, `sealUrl`). Calls wait for each other. */
export const openSealStore = (url: string): SealStore => {
  const connection = keepConnection(url);
  let turn: Promise<unknown> = Promise.resolve();
  const use = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const mine = turn.then(() => connection.use(work));
    turn = mine.catch(() => undefined);
    return mine;
  };
  const run = (text: string, values: unknown[]) =>
    use(async (client) => void (await client.query(text, values)));
  return {
    load: () => use(loadKept),
    commit: (step) => use((client) => commitStep(client, step)),
    reset: () => run('truncate sealer.state, sealer.tile, sealer.head', []),
    keepNote: (size, note) =>
      run('insert into sealer.checkpoint (size, note) values ($1, $2) on conflict do nothing', [size, note]),
    keepCosigned: (size, note) =>
      run('update sealer.checkpoint set cosigned = $2 where size = $1', [size, note]),
    dropHeadsBefore: (size) => run('delete from sealer.head where until <= $1', [size]),
    close: async () => {
      await turn;
      await connection.drop();
    },
  };
};
