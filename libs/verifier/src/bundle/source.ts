// The files of a bundle as a port, and reading them with their digests. It opens no file itself.
import { createHash } from 'node:crypto';
import type { Digest } from '@writ/contracts';

/** The files of a folder: every name in it, and the bytes of each in order. */
export interface BundleSource {
  names(): Promise<readonly string[]>;
  open(name: string): AsyncIterable<Uint8Array>;
}

/** How long a file was and its SHA-256. */
export type FileSum = { readonly bytes: number; readonly sha256: Digest };

/** A file that is being read, and its sum once it was read to its end. */
export type SummedLines = { readonly lines: AsyncIterable<string>; sum(): FileSum };

const LINE_FEED = 0x0a;

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let rest: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      rest.push(chunk.subarray(from, at));
      yield Buffer.concat(rest).toString('utf8');
      rest = [];
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
}

/** The lines of a file without their line feeds; a last one without line feed is a line too. */
export const summedLines = (chunks: AsyncIterable<Uint8Array>): SummedLines => {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* summed() {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { lines: linesOf(summed()), sum: () => ({ bytes, sha256: hash.digest('base64url') }) };
};

/** The longest file that is read as a whole, bytes. */
const WHOLE_BYTES = 64 * 1024 * 1024;

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
