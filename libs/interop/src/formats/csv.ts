// CSV (RFC 4180), safe to open in a spreadsheet: no cell is ever taken for a formula, and none breaks out of its quotes.
import { canonicalize } from '@writ/crypto';
import { type ExportedEvent, envelopeOf } from './event.js';
import type { ExportFormat } from './format.js';

/** Characters at the start of a cell that a spreadsheet takes for a formula or drops; an apostrophe is marked to be undone. */
const RISKY = /^[=+\-@\t\r\n'＝＋－＠]/;

/** One cell: always quoted, quotes doubled; a risky first character gets an apostrophe before it (a reader drops exactly one). */
export const csvCell = (value: string): string =>
  `"${(RISKY.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;

const COLUMNS = [
  'seq',
  'time',
  'subject',
  'type',
  'id',
  'source',
  'recordedAt',
  'agent',
  'kid',
  'ver',
  'seen',
  'causationId',
  'correlationId',
  'traceparent',
  'digest',
  'data',
] as const;

const cells = (event: ExportedEvent): readonly (string | number | undefined)[] => {
  const document = envelopeOf(event);
  return [
    event.seq,
    event.time,
    event.subject,
    document.type,
    document.id,
    document.source,
    document.time,
    document.agent,
    document.kid,
    document.ver,
    document.seen,
    document.causationid,
    document.correlationid,
    document.traceparent,
    event.digest,
    canonicalize(document.data),
  ];
};

const row = (values: readonly (string | number | undefined)[]): string =>
  values.map((value) => csvCell(String(value ?? ''))).join(',');

/** One event as a row without its line end; `data` is canonical JSON text. */
export const toCsv = (event: ExportedEvent): string => row(cells(event));

/** CSV with a header row and CRLF line ends (RFC 4180); formula-safe after the advice of OWASP ("CSV Injection"). */
export const csv: ExportFormat = {
  name: 'csv',
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  start: `${row(COLUMNS)}\r\n`,
  between: '\r\n',
  end: '\r\n',
  encode: toCsv,
};
