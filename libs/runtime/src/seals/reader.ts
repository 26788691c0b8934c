// Reads what the sealer has stored: checkpoints, proofs from tiles, heads. It only reads, and a proof is only as right as the tiles:
// whoever gets one verifies it against a signed checkpoint.
import {
  type NamedHead,
  type NodeSource,
  proveConsistency,
  proveInclusion,
  type Span,
  spanHash,
  type TreeHash,
} from '@writ/crypto';
import { RuntimeFault } from '../faults.js';
import type { PostgresPool } from '../postgres/connect.js';
import { type HeadRow, headOfRow } from './rows.js';
import { nodeInTile, type Tile, type TilePlace, tileOfNode } from './tiles.js';

/** A signed checkpoint: the note as the sealer signed it, and with the witnesses' cosignatures once the policy was met. */
export type StoredCheckpoint = {
  readonly size: number;
  readonly note: string;
  readonly cosigned: string | null;
};

/** What a reader of the sealer's state can ask. Sizes and sequences are ledger sequences; leaf `seq - 1` is message `seq`. */
export interface SealReader {
  /** The last signed checkpoint; `undefined` before the first. */
  latest(): Promise<StoredCheckpoint | undefined>;
  /** The last one that met the witness policy. */
  latestCosigned(): Promise<StoredCheckpoint | undefined>;
  /** The checkpoint of this size, when one was signed. */
  at(size: number): Promise<StoredCheckpoint | undefined>;
  /** The audit path of message `seq` in the tree of `size`. RuntimeFault WRIT-SEA-009 beyond what is sealed. */
  inclusion(seq: number, size: number): Promise<readonly TreeHash[]>;
  /** That the tree of `from` is a prefix of that of `to`. RuntimeFault WRIT-SEA-009 beyond what is sealed. */
  consistency(from: number, to: number): Promise<readonly TreeHash[]>;
  /** The hash of the leaf of message `seq`. RuntimeFault WRIT-SEA-009 beyond what is sealed. */
  leaf(seq: number): Promise<TreeHash>;
  /** The root of the tree of `size`, from the tiles. RuntimeFault WRIT-SEA-009 beyond what is sealed. */
  root(size: number): Promise<TreeHash>;
  /** All heads as of the checkpoint of `size`. RuntimeFault WRIT-SEA-010 when they are not kept (any more). */
  heads(size: number): Promise<readonly NamedHead[]>;
}

type Query = Pick<PostgresPool, 'query'>;
type CheckpointRow = { readonly size: string; readonly note: string; readonly cosigned: string | null };

const CHECKPOINT = 'select size, note, cosigned from sealer.checkpoint';
const TILES = `select level, index, hashes from unnest($1::smallint[], $2::bigint[]) as wanted(level, index)
  join sealer.tile using (level, index)`;
const HEADS = `select kind, name, subject, count, last_seq, head from sealer.head
  where since <= $1 and (until is null or until > $1)`;

const checkpointOf = (rows: readonly CheckpointRow[]): StoredCheckpoint | undefined =>
  rows[0] === undefined ? undefined : { ...rows[0], size: Number(rows[0].size) };

/** The tiles at these places, those that there are. */
export const readTiles = async (pool: Query, places: readonly TilePlace[]): Promise<readonly Tile[]> => {
  if (places.length === 0) return [];
  type Row = { readonly level: number; readonly index: string; readonly hashes: Buffer };
  const { rows } = await pool.query<Row>({
    name: 'writ-tiles',
    text: TILES,
    values: [places.map(({ level }) => level), places.map(({ index }) => index)],
  });
  return rows.map((row) => ({ level: row.level, index: Number(row.index), hashes: row.hashes }));
};

const keyOf = ({ level, index }: TilePlace): string => `${level}/${index}`;
const NONE = new Uint8Array(32);

// A proof is made twice: first to learn which tiles it needs, then, after one question to the database, from these.
const fromTiles = async <T>(pool: Query, make: (nodes: NodeSource) => Promise<T>): Promise<T> => {
  const needed = new Map<string, TilePlace>();
  await make((level, index) => {
    const place = tileOfNode(level, index);
    needed.set(keyOf(place), place);
    return NONE;
  });
  const tiles = new Map((await readTiles(pool, [...needed.values()])).map((tile) => [keyOf(tile), tile]));
  return make((level, index) => {
    const { from, count, ...place } = tileOfNode(level, index);
    const tile = tiles.get(keyOf(place));
    const hash = tile === undefined ? undefined : nodeInTile(tile.hashes, from, count);
    if (hash !== undefined) return hash;
    throw new RuntimeFault('WRIT-SEA-009', `tile ${keyOf(place)} does not reach that far`);
  });
};

const orBeyond = <T>(proof: Promise<T>): Promise<T> =>
  proof.catch((error: unknown) => {
    if (error instanceof RangeError) throw new RuntimeFault('WRIT-SEA-009', error.message);
    throw error;
  });

const headsAt = async (pool: Query, size: number): Promise<readonly NamedHead[]> => {
  const heads = (await pool.query<HeadRow>(HEADS, [size])).rows;
  // Every message is counted by exactly one subject: if these are the heads of that size, they count as many.
  const counted = heads.reduce((sum, row) => sum + (row.kind === 'subject' ? Number(row.count) : 0), 0);
  if (size > 0 && counted === size) return heads.map(headOfRow);
  throw new RuntimeFault('WRIT-SEA-010', `heads of size ${size}`);
};

/** A reader on a pool of either role of `prepareSeals`. The pool stays the caller's. */
export const createSealReader = (pool: Query): SealReader => {
  const one = async (rest: string, values: readonly unknown[] = []) =>
    checkpointOf((await pool.query<CheckpointRow>(`${CHECKPOINT} ${rest}`, [...values])).rows);
  const root = async (size: number): Promise<TreeHash> => {
    if (!Number.isSafeInteger(size) || size < 1) throw new RuntimeFault('WRIT-SEA-009', 'no such tree');
    const all: Span = { begin: 0, end: size };
    return fromTiles(pool, (nodes) => spanHash(all, nodes));
  };
  return {
    latest: () => one('order by size desc limit 1'),
    latestCosigned: () => one('where cosigned is not null order by size desc limit 1'),
    at: (size) => one('where size = $1', [size]),
    inclusion: (seq, size) => orBeyond(fromTiles(pool, (nodes) => proveInclusion(seq - 1, size, nodes))),
    consistency: (from, to) => orBeyond(fromTiles(pool, (nodes) => proveConsistency(from, to, nodes))),
    leaf: (seq) => fromTiles(pool, async (nodes) => nodes(0, seq - 1)),
    root,
    heads: (size) => headsAt(pool, size),
  };
};
