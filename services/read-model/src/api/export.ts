// The export: exact frames in ledger order as NDJSON, as fast as the reader takes them and no faster. It verifies nothing.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type ExportedMessage, exportedMessages, ledgerHead, type Reader } from '@writ/projections';
import { SECURITY_HEADERS } from './answer.js';

const CHUNK = 64 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const textOf = (bytes: Buffer): { readonly frame: string } | { readonly frame64: string } => {
  try {
    return { frame: utf8.decode(bytes) };
  } catch {
    return { frame64: bytes.toString('base64') };
  }
};

/** One line: sequence, server time, subject, and the exact frame. */
export const exportLine = ({ seq, time, subject, frame }: ExportedMessage): string =>
  `${JSON.stringify({ seq, time, subject, ...textOf(frame) })}\n`;

const write = async (response: ServerResponse, text: string): Promise<void> => {
  if (response.write(text) || response.destroyed) return;
  const gone = new AbortController();
  const close = () => gone.abort();
  response.once('close', close);
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  response.off('close', close);
};

/** Streams the messages of a range, at most up to the head as of now. Ends quietly when the reader hangs up. */
export const streamExport = async (
  reader: Reader,
  range: { readonly from?: number | undefined; readonly to?: number | undefined },
  response: ServerResponse,
): Promise<void> => {
  const { seq } = await ledgerHead(reader);
  const [from, to] = [Math.max(1, range.from ?? 1), Math.min(range.to ?? seq, seq)];
  response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'application/x-ndjson; charset=utf-8' });
  let chunk = '';
  for await (const message of exportedMessages(reader, { from, to })) {
    if (response.destroyed) return;
    chunk += exportLine(message);
    if (chunk.length < CHUNK) continue;
    await write(response, chunk);
    chunk = '';
  }
  response.end(chunk);
};
