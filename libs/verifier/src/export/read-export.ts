// Reads an export line by line: every line in its one spelling, as many as the header says, the digest at the end. No file is opened.
import { fromBase64url, ZERO_DIGEST } from '@writ/crypto';
import type { StoredMessage } from '../message.js';
import { ExportError } from './export-error.js';
import { EXPORT_VERSION, type ExportHeader, endLine, headerLine, nextDigest } from './export-format.js';

type Fields = { readonly [name: string]: unknown };

const fieldsOf = (line: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const readHeader = (line: string | undefined): ExportHeader => {
  const { writ, version, org, from, to, messages } = fieldsOf(line ?? '') ?? {};
  const shaped = typeof org === 'string' && isCount(from) && isCount(to) && isCount(messages);
  if (writ !== 'ledger-export' || version !== EXPORT_VERSION || !shaped) {
    throw new ExportError(1, 'this is not the header of a ledger export of version 1');
  }
  const header = { org, from, to, messages };
  if (headerLine(header) !== line) throw new ExportError(1, 'the header is not spelled as it must be');
  return header;
};

const FRAME = ',"frame":"';

const readMessage = (line: string, number: number): StoredMessage => {
  // The frame is by far the longest member: it is cut out, not parsed.
  const cut = line.lastIndexOf(FRAME);
  const { seq, subject, time } = fieldsOf(cut < 0 ? line : `${line.slice(0, cut)}}`) ?? {};
  const shaped = cut >= 0 && typeof subject === 'string' && typeof time === 'string';
  if (!isCount(seq) || !shaped) throw new ExportError(number, 'this is not a message');
  const bytes = line.endsWith('"}') ? fromBase64url(line.slice(cut + FRAME.length, -2)) : undefined;
  if (bytes === undefined || JSON.stringify({ seq, subject, time }) !== `${line.slice(0, cut)}}`) {
    throw new ExportError(number, 'the message is not spelled as it must be');
  }
  return { seq, subject, time, bytes };
};

type Reading = { readonly header: ExportHeader; number: number; digest: string; count: number; last: number };

const takeMessage = (reading: Reading, line: string): StoredMessage => {
  const message = readMessage(line, reading.number);
  if (reading.count === 0 && message.seq !== reading.header.from) {
    throw new ExportError(reading.number, 'the first message is not the one that the header names');
  }
  reading.digest = nextDigest(reading.digest, line);
  reading.count += 1;
  reading.last = message.seq;
  return message;
};

const takeEnd = ({ header, number, digest, count, last }: Reading, line: string): void => {
  if (line !== endLine(digest)) throw new ExportError(number, 'the end line does not fit what is before it');
  if (count !== header.messages) throw new ExportError(number, `${count} messages, not ${header.messages}`);
  if (count > 0 && last !== header.to) throw new ExportError(number, 'the last message is another one');
};

const isEnd = (line: string): boolean => line.startsWith('{"writ":');

async function* messagesOf(
  lines: AsyncIterator<string>,
  header: ExportHeader,
): AsyncGenerator<StoredMessage, void, undefined> {
  const digest = nextDigest(ZERO_DIGEST, headerLine(header));
  const reading: Reading = { header, number: 1, digest, count: 0, last: 0 };
  for (let ended = false; ; ) {
    const next = await lines.next();
    reading.number += 1;
    if (next.done === true) {
      if (!ended) throw new ExportError(reading.number, 'the export is cut off');
      return;
    }
    if (ended) throw new ExportError(reading.number, 'there is more behind the end line');
    if (isEnd(next.value)) {
      takeEnd(reading, next.value);
      ended = true;
    } else yield takeMessage(reading, next.value);
  }
}

/** An export that was begun to be read. */
export type OpenExport = {
  readonly header: ExportHeader;
  /** Ends after the end line was checked. Throws ExportError (WRIT-VER-001). */
  readonly messages: AsyncIterable<StoredMessage>;
};

/**
 * Reads the header; the messages follow as they are asked for, once. `lines` come without line feeds and without an empty one at
 * the end. Throws ExportError (WRIT-VER-001) for whatever is not exactly an export.
 */
export const openExport = async (lines: AsyncIterable<string>): Promise<OpenExport> => {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  const header = readHeader(first.done === true ? undefined : first.value);
  return { header, messages: messagesOf(iterator, header) };
};

/** The messages of an export alone. Throws ExportError (WRIT-VER-001) as `openExport` does. */
export async function* parseExport(
  lines: AsyncIterable<string>,
): AsyncGenerator<StoredMessage, void, undefined> {
  const { messages } = await openExport(lines);
  yield* messages;
}
