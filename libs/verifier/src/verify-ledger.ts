// Verifies a ledger or an export: signatures ahead of their turn on all threads, judgement strictly in ledger order.
import type { LedgerSeq, PublicKeyEntry, Token } from '@writ/contracts';
import { beginAudit } from './audit/audit.js';
import { ahead } from './frames/ahead.js';
import { prepare, settle } from './frames/prepare.js';
import type { StoredMessage } from './message.js';
import type { Report } from './report/report.js';

/**
 * `roots`: the root public keys that the auditor has pinned, not those that the ledger names. `complete`: the messages begin at
 * sequence 1 of the ledger; otherwise nothing before them is known and authority is UNDETERMINED.
 */
export type VerifyOptions = {
  readonly org: Token;
  readonly roots: readonly PublicKeyEntry[];
  readonly complete: boolean;
};

/** How far it has come. */
export type Progress = { readonly messages: number; readonly seq: LedgerSeq };

/** Messages whose signatures are verified ahead of their turn. */
const WINDOW = 128;
const PROGRESS_EVERY = 1_000;

/**
 * Verifies every message of a ledger in its order and says what is wrong (invariants 1 to 6, 8 and 11 of ARCHITECTURE §7). The
 * messages must end. Guarantees: nothing is believed but the pinned root keys; whatever the bytes are, it does not throw; memory
 * grows with what exists (keys, intents), not with the frames. An error of `messages` (ExportError) is thrown on. Offline.
 */
export const verifyLedger = async (
  messages: AsyncIterable<StoredMessage>,
  options: VerifyOptions,
  onProgress?: (progress: Progress) => void,
): Promise<Report> => {
  const audit = beginAudit(options);
  const find = audit.keys.publicKey;
  let count = 0;
  for await (const prepared of ahead(messages, (message) => prepare(message, find), WINDOW)) {
    audit.take(await settle(prepared, find));
    count += 1;
    if (count % PROGRESS_EVERY === 0) onProgress?.({ messages: count, seq: prepared.message.seq });
  }
  return audit.finish();
};
