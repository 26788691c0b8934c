// What the registry of a ledger distrusts anywhere, read before the ledger is judged. Judges nothing else.
import { subjects } from '@writ/contracts';
import { endorses, link, openLedgerFrame } from '@writ/crypto';
import { type Distrust, distrustOf, type PinnedRoots } from '@writ/domain';
import type { StoredMessage } from '../message.js';

/**
 * Reads all messages once and keeps those of the registry: what the keys that it distrusts signed is void from the position named
 * on, also what came before the distrust was declared. Hand the result to `verifyLedger`.
 */
export const distrustIn = async (
  messages: AsyncIterable<StoredMessage>,
  pinned: PinnedRoots,
): Promise<Distrust> => {
  const subject = subjects.ledger('registry', pinned.org);
  const registry: StoredMessage[] = [];
  for await (const message of messages) if (message.subject === subject) registry.push(message);
  return distrustOf(pinned, registry, { open: openLedgerFrame, endorses, link });
};
