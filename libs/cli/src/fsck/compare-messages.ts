// Owns the comparison of the ledger with what the read model stores, message by message, side by side: neither is held in memory.
import { sha256 } from '@writ/crypto';
import type { StoredMessage } from '@writ/ledger';
import type { Differences } from './differences.js';

/** A message as the read model stores it. */
export type Compared = Pick<StoredMessage, 'seq' | 'time' | 'subject' | 'bytes'>;

/** Takes the ledger's messages in order; `end` says what the read model has beyond them. */
export interface SideBySide {
  add(message: StoredMessage): Promise<void>;
  end(): Promise<void>;
}

const WHERE = 'read model';

const alteredParts = (ours: StoredMessage, row: Compared): readonly string[] => [
  ...(sha256(ours.bytes) === sha256(row.bytes) ? [] : ['frame']),
  ...(ours.time === row.time ? [] : ['time']),
  ...(ours.subject === row.subject ? [] : ['subject']),
];

/** `head`: as far as the read model says that it is; what is beyond in the ledger it has not taken yet. */
export const sideBySide = (
  rows: AsyncIterable<Compared>,
  head: { readonly seq: number; readonly digest: string },
  differences: Differences,
): SideBySide => {
  const iterator = rows[Symbol.asyncIterator]();
  let row: Compared | undefined;
  let opened = false;
  const next = async (): Promise<void> => {
    const { value, done } = await iterator.next();
    row = done === true ? undefined : (value as Compared);
  };
  const extra = (seq: number): void =>
    differences.add({ kind: 'read-model-extra', where: WHERE, seq, what: 'the ledger does not hold it' });
  const upTo = async (seq: number): Promise<void> => {
    if (!opened) await next();
    opened = true;
    for (; row !== undefined && row.seq < seq; await next()) extra(row.seq);
  };
  const compareHead = (message: StoredMessage): void => {
    if (message.seq !== head.seq || sha256(message.bytes) === head.digest) return;
    const what = 'its checkpoint names another message';
    differences.add({ kind: 'read-model-head', where: WHERE, seq: head.seq, what });
  };
  return {
    add: async (message) => {
      const { seq } = message;
      compareHead(message);
      await upTo(seq);
      if (row?.seq !== seq) {
        if (seq <= head.seq)
          differences.add({ kind: 'read-model-missing', where: WHERE, seq, what: 'it does not hold it' });
        return;
      }
      const altered = alteredParts(message, row);
      if (altered.length > 0)
        differences.add({
          kind: 'read-model-altered',
          where: WHERE,
          seq,
          what: `other ${altered.join(', ')}`,
        });
      await next();
    },
    end: async () => {
      await upTo(Number.POSITIVE_INFINITY);
      await iterator.return?.();
    },
  };
};
