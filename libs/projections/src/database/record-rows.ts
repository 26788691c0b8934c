// Encodes judged messages as rows of `events` and `junk`. The bytes are kept exactly; the rest is derived from them.
import { CommandId } from '@writ/contracts';
import type { Judged } from '../ledger/judge.js';
import { copyRow, fields } from '../rows/copy.js';
import { recordTables } from './record-tables.js';
import { instant, storableJson, storableText } from './values.js';

/** A row in COPY's binary form. */
export type EventRow = Buffer;

/** The columns of both tables in the order in which rows are encoded. */
export const recordColumns = {
  events: Object.keys(recordTables.events.columns),
  junk: Object.keys(recordTables.junk.columns),
} as const;

const text = (value: unknown): string => (typeof value === 'string' ? storableText(value) : '');

const EPOCH = '1970-01-01T00:00:00.000Z';

type Claims = {
  readonly intentId?: unknown;
  readonly intent?: { readonly signed?: { readonly id?: unknown } };
};

/** The intent that a document is about, wherever it names it. */
const intentOf = (data: Claims): string | null =>
  CommandId.safeParse(data.intentId ?? data.intent?.signed?.id).data ?? null;

/** The row of an event; the order is that of `recordColumns.events`. */
export const eventRow = (event: Extract<Judged, { kind: 'event' }>): EventRow => {
  const { message, envelope: e, digest, voidCode } = event;
  const extra = e as { readonly causationid?: unknown; readonly correlationid?: unknown };
  return copyRow([
    fields.bigint(message.seq),
    fields.text(message.subject),
    fields.text(message.subject.split('.')[2] ?? ''),
    fields.text(text(e.type)),
    fields.text(text(e.id)),
    fields.text(e.agent === undefined ? null : text(e.agent)),
    fields.text(intentOf(e.data as Claims)),
    fields.timestamptz(instant(message.time) ?? EPOCH),
    fields.text(e.kid),
    fields.bigint(e.ver ?? null),
    fields.bigint(e.agentver ?? null),
    fields.text(digest),
    fields.text(text(extra.causationid)),
    fields.text(text(extra.correlationid)),
    fields.bytea(message.bytes),
    fields.jsonb(storableJson(e.data)),
    fields.boolean(voidCode !== null),
    fields.text(voidCode),
    fields.bigint(null),
  ]);
};

/** The row of a message that counts for nothing. */
export const junkRow = ({ message, code, reason }: Extract<Judged, { kind: 'junk' }>): Buffer =>
  copyRow([
    fields.bigint(message.seq),
    fields.text(text(message.subject)),
    fields.timestamptz(instant(message.time) ?? EPOCH),
    fields.text(code),
    fields.text(text(reason)),
    fields.bigint(message.bytes.length),
    fields.bytea(message.bytes),
  ]);
