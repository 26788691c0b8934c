// A checkpoint's text: what the sealer signs about the ledger's tree (C2SP tlog-checkpoint). One spelling per value; no signatures here.
import { HASH_BYTES, type TreeHash } from '../merkle/hash.js';

/**
 * `origin` names one ledger for ever: `writ/<org>/<digest of the genesis>`. `size` is the number of leaves, which is the ledger
 * sequence of the last one. `extensions` are the lines behind the root (`heads <base64>`, `time <RFC 3339>`).
 */
export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: TreeHash;
  readonly extensions: readonly string[];
};

const SIZE = /^(0|[1-9][0-9]{0,15})$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a note holds none but the line feed (C2SP signed-note)
const PRINTABLE = /^[^\u0000-\u001f]+$/;

/** 32 bytes in standard base64, or `undefined` unless this is their one spelling. */
export const readHash = (text: string): TreeHash | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === HASH_BYTES && bytes.toString('base64') === text ? bytes : undefined;
};

/** Standard base64 of a hash, as notes and proofs spell it. */
export const hashText = (hash: TreeHash): string =>
  Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('base64');

/** The text that is signed, line feed at the end. RangeError for a value that would not read back as itself. */
export const checkpointText = ({ origin, size, root, extensions }: Checkpoint): string => {
  const text = `${[origin, size, hashText(root), ...extensions].join('\n')}\n`;
  const back = readCheckpoint(text);
  if (back === undefined || back.origin !== origin || back.extensions.length !== extensions.length) {
    throw new RangeError('not a checkpoint: an empty line, a control character, or no size');
  }
  return text;
};

/** Reads the text of a checkpoint; `undefined` unless it is exactly one. */
export const readCheckpoint = (text: string): Checkpoint | undefined => {
  if (!text.endsWith('\n')) return undefined;
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === undefined || size === undefined || root === undefined || !SIZE.test(size)) return undefined;
  const hash = readHash(root);
  const leaves = Number(size);
  if (hash === undefined || !Number.isSafeInteger(leaves)) return undefined;
  if (![origin, ...extensions].every((line) => PRINTABLE.test(line))) return undefined;
  return { origin, size: leaves, root: hash, extensions };
};

/** The value of the one extension line `<name> <value>`; `undefined` when there is none or more than one. */
export const extensionOf = ({ extensions }: Checkpoint, name: string): string | undefined => {
  const [line, second] = extensions.filter((extension) => extension.startsWith(`${name} `));
  return second === undefined ? line?.slice(name.length + 1) : undefined;
};
