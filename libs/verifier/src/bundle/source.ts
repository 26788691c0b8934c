// The files of a bundle as a port, and reading them with their digests. It opens no file itself.
import { createHash } from 'node:crypto';
import type { Digest } from '@writ/contracts';

/** The files of a folder: every name in it, and the bytes of each in order. */
export interface BundleSource {
  names(): Promise<readonly string[]>;
  open(name: string): AsyncIterable<Uint8Array>;
  /** How long a file is, `undefined` for what is no regular file: nothing else is opened. Without it all are. */
  size?(name: string): Promise<number | undefined>;
}

/** How long a file was and its SHA-256. */
export type FileSum = { readonly bytes: number; readonly sha256: Digest };

/** A file that is being read, and its sum once it was read to its end. */
export type SummedLines = { readonly lines: AsyncIterable<string>; sum(): FileSum };

const LINE_FEED = 0x0a;

/** The longest line of messages and proofs, bytes. */
export const LINE_BYTES = 128 * 1024;

/** Ends before a line that is longer than `longest`, and says so. */
async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  longest: number,
  tooLong: () => void,
): AsyncGenerator<string, void, undefined> {
  let rest: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      if (held + at - from > longest) return tooLong();
      rest.push(chunk.subarray(from, at));
      yield Buffer.concat(rest).toString('utf8');
      rest = [];
      held = 0;
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > longest) return tooLong();
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
}

/** What a file is that was not read to its end: never the one that a manifest names. */
const NOT_READ: FileSum = { bytes: -1, sha256: '' };

/**
 * The lines of a file without their line feeds; a last one without line feed is a line too. A line of more than `longest` bytes ends it: memory
 * is bounded whatever the file is, and its sum is then none.
 */
export const summedLines = (chunks: AsyncIterable<Uint8Array>, longest: number = LINE_BYTES): SummedLines => {
  const hash = createHash('sha256');
  let bytes = 0;
  let whole = true;
  const tooLong = (): void => {
    whole = false;
  };
  async function* summed() {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  const sum = (): FileSum => (whole ? { bytes, sha256: hash.digest('base64url') } : NOT_READ);
  return { lines: linesOf(summed(), longest, tooLong), sum };
};

/** The longest file that is read as a whole, and the longest line of one that lists private values, bytes. */
export const WHOLE_BYTES = 64 * 1024 * 1024;

/** A small file as a whole; `undefined` beyond 64 MiB. */
export const readWhole = async (
  chunks: AsyncIterable<Uint8Array>,
): Promise<(FileSum & { readonly content: Buffer }) | undefined> => {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > WHOLE_BYTES) return undefined;
    parts.push(chunk);
  }
  const content = Buffer.concat(parts);
  return { bytes, sha256: createHash('sha256').update(content).digest('base64url'), content };
};
