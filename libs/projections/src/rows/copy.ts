// Writes many rows at once by binary COPY (PostgreSQL, "COPY: Binary Format"). It knows bytes and columns, not their meaning.
import type pg from 'pg';
import { from } from 'pg-copy-streams';

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const NULL = -1;
const EPOCH_MS = Date.UTC(2000, 0);
const FIRST_BYTES = 64 * 1024;

/**
 * Rows in COPY's binary form, one after another in one growing buffer: nothing is allocated per field. Begin each row with
 * `row(columns)`, then one call per column in their order; null where the value is null.
 */
export interface CopyWriter {
  readonly rows: number;
  row(columns: number): void;
  bigint(value: number | null): void;
  text(value: string | null): void;
  bytea(value: Uint8Array): void;
  boolean(value: boolean): void;
  /** Milliseconds since 1970. */
  timestamptz(ms: number): void;
  /** Everything so far with COPY's head and tail; the writer must not be used again. */
  finish(): Uint8Array;
}

// A number beyond 32 bits as two halves, so that no BigInt is made.
const writeInt64 = (into: Buffer, value: number, at: number): void => {
  into.writeInt32BE(Math.floor(value / 2 ** 32), at);
  into.writeUInt32BE(value >>> 0, at + 4);
};

/** Creates a writer with no rows. */
export const createCopyWriter = (firstBytes = FIRST_BYTES): CopyWriter => {
  let buffer = Buffer.allocUnsafe(firstBytes);
  let at = HEADER.copy(buffer);
  let rows = 0;
  const reserve = (bytes: number): void => {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  };
  const int32 = (value: number): void => {
    at = buffer.writeInt32BE(value, at);
  };
  const int64 = (value: number): void => {
    reserve(12);
    int32(8);
    writeInt64(buffer, value, at);
    at += 8;
  };
  const none = (): void => {
    reserve(4);
    int32(NULL);
  };
  const utf8 = (value: string): void => {
    reserve(4 + value.length * 3);
    const length = buffer.write(value, at + 4, 'utf8');
    int32(length);
    at += length;
  };
  return {
    get rows() {
      return rows;
    },
    row: (columns) => {
      rows += 1;
      reserve(2);
      at = buffer.writeInt16BE(columns, at);
    },
    bigint: (value) => (value === null ? none() : int64(value)),
    text: (value) => (value === null ? none() : utf8(value)),
    bytea: (value) => {
      reserve(4 + value.length);
      int32(value.length);
      buffer.set(value, at);
      at += value.length;
    },
    boolean: (value) => {
      reserve(5);
      int32(1);
      at = buffer.writeUInt8(value ? 1 : 0, at);
    },
    timestamptz: (ms) => int64((ms - EPOCH_MS) * 1000),
    finish: () => {
      reserve(2);
      at = buffer.writeInt16BE(-1, at);
      return buffer.subarray(0, at);
    },
  };
};

/** Copies what `writer` holds into a table within the open transaction; resolves when the server has taken it. */
export const copyRows = async (
  client: pg.ClientBase,
  table: string,
  columns: readonly string[],
  writer: CopyWriter,
): Promise<void> => {
  if (writer.rows === 0) return;
  const stream = client.query(from(`copy ${table} (${columns.join(', ')}) from stdin (format binary)`));
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.once('finish', () => resolve());
    stream.end(writer.finish());
  });
};
