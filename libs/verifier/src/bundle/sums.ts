// Counts and hashes what is written, on its way.
import { createHash } from 'node:crypto';
import type { FileSum } from './source.js';

const CHUNK = 64 * 1024;

/** The texts as bytes in larger pieces; `sum` once they were taken to their end. */
export const createSums = (
  texts: AsyncIterable<string> | Iterable<string>,
): { readonly chunks: AsyncIterable<Uint8Array>; sum(): FileSum } => {
  const hash = createHash('sha256');
  let bytes = 0;
  const take = (text: string): Uint8Array => {
    const chunk = Buffer.from(text, 'utf8');
    hash.update(chunk);
    bytes += chunk.length;
    return chunk;
  };
  async function* chunks() {
    let text = '';
    for await (const more of texts) {
      text += more;
      if (text.length < CHUNK) continue;
      yield take(text);
      text = '';
    }
    if (text !== '') yield take(text);
  }
  return { chunks: chunks(), sum: () => ({ bytes, sha256: hash.digest('base64url') }) };
};
