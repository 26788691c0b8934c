// The place of a message that was sealed, and whether it is still there. It seals nothing.
import { ledgerLeafHash, sameHash, type TreeHash } from '@writ/crypto';
import type { Ledger, StoredMessage } from '@writ/ledger';

/** The place and leaf of a message that was sealed: as long as it is still there, the ledger is the same one. */
export type Mark = { readonly seq: number; readonly subject: string; readonly leaf: TreeHash };

/** The message of that sequence on its subject; `undefined` when another or none is there. */
export const messageAt = async (
  ledger: Ledger,
  subject: string,
  seq: number,
): Promise<StoredMessage | undefined> => {
  for await (const message of ledger.load(subject, seq - 1)) return message.seq === seq ? message : undefined;
  return undefined;
};

/** Whether the ledger still holds the marked message. Rejects when nobody answers. */
export const isStillThere = async (ledger: Ledger, { seq, subject, leaf }: Mark): Promise<boolean> => {
  const message = await messageAt(ledger, subject, seq);
  return message !== undefined && sameHash(ledgerLeafHash(message), leaf);
};

/** A message as a mark. */
export const markMessage = (message: StoredMessage): Mark => ({
  seq: message.seq,
  subject: message.subject,
  leaf: ledgerLeafHash(message),
});
