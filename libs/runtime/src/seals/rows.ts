// The rows of the sealer's schema as values, and back. It holds no connection.
import type { HeadName, NamedHead } from '@writ/crypto';

/** A row of `sealer.head`; bigints come as text. */
export type HeadRow = {
  readonly kind: HeadName['kind'];
  readonly name: string;
  readonly subject: string;
  readonly count: string;
  readonly last_seq: string;
  readonly head: string;
};

const nameOf = ({ kind, name, subject }: HeadRow): HeadName =>
  kind === 'agent' ? { kind, agent: name, subject } : { kind, subject };

export const headOfRow = (row: HeadRow): NamedHead => ({
  name: nameOf(row),
  count: Number(row.count),
  lastSeq: Number(row.last_seq),
  head: row.head,
});

/** Columns for `unnest`: kind, name, subject, count, last_seq, head. */
export const headColumns = (heads: readonly NamedHead[]): readonly unknown[][] => [
  heads.map(({ name }) => name.kind),
  heads.map(({ name }) => (name.kind === 'agent' ? name.agent : name.subject)),
  heads.map(({ name }) => name.subject),
  heads.map(({ count }) => count),
  heads.map(({ lastSeq }) => lastSeq),
  heads.map(({ head }) => head),
];
