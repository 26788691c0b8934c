// Runs an audit over messages: signatures ahead of their turn, judgement and tree strictly in order.
import type { LedgerSeq } from '@writ/contracts';
import { type Prepared, settle } from '../frames/prepare.js';
import type { Preparer } from '../frames/preparer.js';
import type { Judged, StoredMessage } from '../message.js';
import type { RunningAudit } from './audit.js';

/** How far it has come. */
export type Progress = { readonly messages: number; readonly seq: LedgerSeq };

const PROGRESS_EVERY = 1_000;

/** Hears of a message when it was taken, and of the event that it is, when it is an effective one. */
export type Each = (prepared: Prepared, event: Judged | undefined) => void | Promise<void>;

/** Takes every message into the audit, in order; `each` is waited for. */
export const runAudit = async (
  audit: RunningAudit,
  messages: AsyncIterable<StoredMessage>,
  preparer: Preparer,
  each: Each,
  onProgress?: (progress: Progress) => void,
): Promise<void> => {
  const find = audit.keys.publicKey;
  let count = 0;
  for await (const prepared of preparer(messages, find)) {
    const settled = prepared.again ? await settle(prepared, find) : prepared;
    const more = each(settled, audit.take(settled));
    if (more !== undefined) await more;
    count += 1;
    if (count % PROGRESS_EVERY === 0) onProgress?.({ messages: count, seq: settled.message.seq });
  }
};
