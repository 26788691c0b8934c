// Where the hashes of a tree lie: tiles of 256 (C2SP tlog-tiles), every eighth level of the tree. Pure; it reads and writes nothing.
import { rootOfLeaves, type TreeHash, type TreeNode } from '@writ/crypto';

/** Which tile: `level` counts tiles (level 1 holds the roots of full tiles of level 0), `index` from the left. */
export type TilePlace = { readonly level: number; readonly index: number };

/** A tile with its 1 to 256 hashes, 32 bytes each, one behind the other. */
export type Tile = TilePlace & { readonly hashes: Uint8Array };

const HEIGHT = 8;
const WIDTH = 2 ** HEIGHT;
const HASH = 32;

/** The tile that holds what a complete node of the tree is made of, and which of its hashes. */
export const tileOfNode = (
  level: number,
  index: number,
): TilePlace & { readonly from: number; readonly count: number } => {
  const tileLevel = Math.floor(level / HEIGHT);
  const count = 2 ** (level - HEIGHT * tileLevel);
  const first = index * count;
  return { level: tileLevel, index: Math.floor(first / WIDTH), from: first % WIDTH, count };
};

/** The hash of a complete node, from its tile; `undefined` when the tile does not reach that far. */
export const nodeInTile = (hashes: Uint8Array, from: number, count: number): TreeHash | undefined => {
  if (hashes.length < (from + count) * HASH) return undefined;
  const at = (n: number): TreeHash => hashes.subarray((from + n) * HASH, (from + n + 1) * HASH);
  return count === 1 ? at(0) : rootOfLeaves(Array.from({ length: count }, (_, n) => at(n)));
};

/** The tiles at the right edge of a tree of `size` leaves that are not full: what growing it needs. */
export const openTilesOf = (size: number): readonly TilePlace[] => {
  const places: TilePlace[] = [];
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / WIDTH))
    if (count % WIDTH !== 0) places.push({ level, index: Math.floor(count / WIDTH) });
  return places;
};

/** The right edge of a growing tree. */
export interface OpenTiles {
  /** A node that is complete from now on (`appendLeaves`). */
  take(node: TreeNode): void;
  /** The tiles that have changed since the last call, as they are now. */
  changed(): readonly Tile[];
}

/** Goes on from the tiles that `openTilesOf` names; what they hold beyond `size` is left out. */
export const growTiles = (size: number, kept: readonly Tile[] = []): OpenTiles => {
  const open = new Map<number, { index: number; bytes: Buffer; count: number }>();
  const touched = new Map<string, Tile>();
  for (const { level, index, hashes } of kept) {
    const count = Math.floor(size / WIDTH ** level) - index * WIDTH;
    const bytes = Buffer.alloc(WIDTH * HASH);
    bytes.set(hashes.subarray(0, count * HASH));
    open.set(level, { index, bytes, count });
  }
  const tileFor = (level: number, index: number) => {
    const tile = open.get(level);
    if (tile?.index === index) return tile;
    const fresh = { index, bytes: Buffer.alloc(WIDTH * HASH), count: 0 };
    open.set(level, fresh);
    return fresh;
  };
  return {
    take: ({ level, index, hash }) => {
      if (level % HEIGHT !== 0) return;
      const tile = tileFor(level / HEIGHT, Math.floor(index / WIDTH));
      tile.bytes.set(hash, (index % WIDTH) * HASH);
      tile.count = (index % WIDTH) + 1;
      const place = { level: level / HEIGHT, index: tile.index };
      touched.set(`${place.level}/${place.index}`, {
        ...place,
        hashes: tile.bytes.subarray(0, tile.count * HASH),
      });
    },
    changed: () => {
      const tiles = [...touched.values()].map((tile) => ({ ...tile, hashes: Buffer.from(tile.hashes) }));
      touched.clear();
      return tiles;
    },
  };
};
