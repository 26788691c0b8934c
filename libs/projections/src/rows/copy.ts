// Writes many rows at once by binary COPY (PostgreSQL, "COPY: Binary Format"). It knows bytes and columns, not their meaning.
import type pg from 'pg';
import { from } from 'pg-copy-streams';

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
const NULL = Buffer.from([0xff, 0xff, 0xff, 0xff]);
const EPOCH_MS = Date.UTC(2000, 0);

/** One value, encoded with its length before it. */
export type Field = Buffer;

const sized = (bytes: Uint8Array): Field => {
  const field = Buffer.allocUnsafe(4 + bytes.length);
  field.writeInt32BE(bytes.length, 0);
  field.set(bytes, 4);
  return field;
};

const int8 = (value: bigint): Field => {
  const field = Buffer.allocUnsafe(12);
  field.writeInt32BE(8, 0);
  field.writeBigInt64BE(value, 4);
  return field;
};

const optional =
  <V>(encode: (value: V) => Field) =>
  (value: V | null): Field =>
    value === null ? NULL : encode(value);

/** Encoders by column type; null where the value is null. `timestamptz` takes RFC 3339, at most milliseconds. */
export const fields = {
  bigint: optional((value: number) => int8(BigInt(value))),
  text: optional((value: string) => {
    const length = Buffer.byteLength(value);
    const field = Buffer.allocUnsafe(4 + length);
    field.writeInt32BE(length, 0);
    field.write(value, 4, length, 'utf8');
    return field;
  }),
  bytea: optional(sized),
  boolean: (value: boolean): Field => Buffer.from([0, 0, 0, 1, value ? 1 : 0]),
  timestamptz: optional((value: string) => int8(BigInt(Date.parse(value) - EPOCH_MS) * 1000n)),
  jsonb: (text: string): Field => {
    const length = Buffer.byteLength(text) + 1;
    const field = Buffer.allocUnsafe(4 + length);
    field.writeInt32BE(length, 0);
    field[4] = 1;
    field.write(text, 5, length - 1, 'utf8');
    return field;
  },
} as const;

/** One row: its fields in the order of the columns. */
export const copyRow = (row: readonly Field[]): Buffer => {
  const count = Buffer.allocUnsafe(2);
  count.writeInt16BE(row.length, 0);
  return Buffer.concat([count, ...row]);
};

/** Copies rows into a table within the open transaction; resolves when the server has taken them. */
export const copyRows = async (
  client: pg.ClientBase,
  table: string,
  columns: readonly string[],
  rows: readonly Buffer[],
): Promise<void> => {
  if (rows.length === 0) return;
  const sql = `copy ${table} (${columns.join(', ')}) from stdin (format binary)`;
  const stream = client.query(from(sql));
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.once('finish', () => resolve());
    stream.end(Buffer.concat([HEADER, ...rows, TRAILER]));
  });
};
