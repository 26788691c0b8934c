// Encodes judged messages as rows of `events` and `junk`. The bytes are kept exactly; the rest is derived from them.
import type { Judged } from '../ledger/judge.js';
import type { CopyWriter } from '../rows/copy.js';
import { recordTables } from './record-tables.js';
import { storableMs, storableText } from './values.js';

/** The columns of both tables in the order in which rows are encoded. */
export const recordColumns = {
  events: Object.keys(recordTables.events.columns),
  junk: Object.keys(recordTables.junk.columns),
} as const;

const text = (value: unknown): string => (typeof value === 'string' ? storableText(value) : '');

type Claims = {
  readonly intentId?: unknown;
  readonly intent?: { readonly signed?: { readonly id?: unknown } };
};

const COMMAND_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The intent that a document is about, wherever it names it. */
const intentOf = (data: Claims): string | null => {
  const id = data.intentId ?? data.intent?.signed?.id;
  return typeof id === 'string' && COMMAND_ID.test(id) ? id : null;
};

/** Adds the row of an event; the order is that of `recordColumns.events`. */
export const writeEventRow = (into: CopyWriter, event: Extract<Judged, { kind: 'event' }>): void => {
  const { message, envelope: e, digest, voidCode } = event;
  const extra = e as { readonly causationid?: unknown; readonly correlationid?: unknown };
  into.row(recordColumns.events.length);
  into.bigint(message.seq);
  into.text(message.subject);
  into.text(message.subject.split('.', 3)[2] ?? '');
  into.text(text(e.type));
  into.text(text(e.id));
  into.text(e.agent === undefined ? null : text(e.agent));
  into.text(intentOf(e.data as Claims));
  into.timestamptz(storableMs(message.time) ?? 0);
  into.text(e.kid);
  into.bigint(e.ver ?? null);
  into.bigint(e.agentver ?? null);
  into.text(digest);
  into.text(text(extra.causationid));
  into.text(text(extra.correlationid));
  into.bytea(message.bytes);
  into.boolean(voidCode !== null);
  into.text(voidCode);
  into.bigint(null);
};

/** Adds the row of a message that counts for nothing. */
export const writeJunkRow = (into: CopyWriter, junk: Extract<Judged, { kind: 'junk' }>): void => {
  const { message, code, reason } = junk;
  into.row(recordColumns.junk.length);
  into.bigint(message.seq);
  into.text(text(message.subject));
  into.timestamptz(storableMs(message.time) ?? 0);
  into.text(code);
  into.text(text(reason));
  into.bigint(message.bytes.length);
  into.bytea(message.bytes);
};
