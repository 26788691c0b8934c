// Writes an export line by line. Reads no ledger and opens no file.
import { toBase64url, ZERO_DIGEST } from '@writ/crypto';
import type { StoredMessage } from '../message.js';
import { type ExportHeader, endLine, headerLine, messageLine, nextDigest } from './export-format.js';

/**
 * The lines of an export, without line feeds; write each with one. Junk belongs into it as well: every sequence from `from` to
 * `to`. Nothing is held back: memory does not grow with the ledger.
 */
export async function* exportLines(
  messages: AsyncIterable<StoredMessage> | Iterable<StoredMessage>,
  header: ExportHeader,
): AsyncGenerator<string, void, undefined> {
  let line = headerLine(header);
  let digest = nextDigest(ZERO_DIGEST, line);
  yield line;
  for await (const { seq, subject, time, bytes } of messages) {
    line = messageLine({ seq, subject, time, frame: toBase64url(bytes) });
    digest = nextDigest(digest, line);
    yield line;
  }
  yield endLine(digest);
}
