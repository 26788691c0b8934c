// The part of pg-copy-streams that is used here; the package brings no types.
declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';
  import type { Submittable } from 'pg';
  /** A COPY ... FROM STDIN: a writable stream, 'finish' once the server has taken everything. */
  export function from(sql: string): Writable & Submittable;
}
