// Runs an audit over messages: signatures ahead of their turn, judgement and tree strictly in order.
import type { LedgerSeq } from '@writ/contracts';
import { type Prepared, settle } from '../frames/prepare.js';
import type { Preparer } from '../frames/preparer.js';
import type { StoredMessage } from '../message.js';
import type { RunningAudit } from './audit.js';

/** How far it has come. */
export type Progress = { readonly messages: number; readonly seq: LedgerSeq };

const PROGRESS_EVERY = 1_000;

/** Takes every message into the audit, in order; `each` hears of it when it was taken. */
export const runAudit = async (
  audit: RunningAudit,
  messages: AsyncIterable<StoredMessage>,
  preparer: Preparer,
  each: (prepared: Prepared) => void | Promise<void>,
  onProgress?: (progress: Progress) => void,
): Promise<void> => {
  const find = audit.keys.publicKey;
  let count = 0;
  for await (const prepared of preparer(messages, find)) {
    const settled = prepared.again ? await settle(prepared, find) : prepared;
    audit.take(settled);
    const more = each(settled);
    if (more !== undefined) await more;
    count += 1;
    if (count % PROGRESS_EVERY === 0) onProgress?.({ messages: count, seq: settled.message.seq });
  }
};
