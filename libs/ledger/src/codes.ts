// Why the ledger or a writer refuses: the codes that @writ/contracts does not list yet. Same shape as its `Codes`.
import type { Code } from '@writ/contracts';

/** Codes of this package beside WRIT-LED-001..007 of @writ/contracts. */
export const LedgerCodes = {
  'WRIT-LED-008': {
    title: 'the event landed without effect',
    next: 'look for a revoked key; renew it, ask again',
  },
  'WRIT-LED-009': {
    title: 'too much is waiting for this subject',
    next: 'slow down; ask again with the same id',
  },
  'WRIT-LED-010': { title: 'too many messages in one append', next: 'split it: at most 1,000' },
  'WRIT-LED-011': { title: 'the writer is closed', next: 'ask again with the same id' },
  'WRIT-LED-012': { title: 'the event is too large', next: 'at most 48 KiB; shorten it' },
} as const;

/** Every code that this package gives. */
export type LedgerCode = Code | keyof typeof LedgerCodes;
