// Our own receipt with the decision before it and the outcome after it, checked to belong together before anything is exported.
import { LEDGER_PAYLOAD_TYPE, type LedgerDocument, type LedgerDocumentOf } from '@writ/contracts';
import { canonicalize, digestOf } from '@writ/crypto';
import type { ForeignCode } from '../foreign/codes.js';
import type { ExportedEvent } from '../formats/event.js';

/** An exported `receipt issued` event. */
export type ReceiptEvent = ExportedEvent<LedgerDocumentOf<'writ.authority.receipt-issued.v1'>>;

/** An exported decision of a kind that a receipt can follow. */
export type DecisionEvent = ExportedEvent<
  LedgerDocumentOf<'writ.decision.permitted.v1' | 'writ.decision.escalated.v1'>
>;

/** An exported outcome of any kind. */
export type OutcomeEvent = ExportedEvent<Extract<LedgerDocument, { type: `writ.outcome.${string}` }>>;

/** Why nothing was exported. */
export type ReceiptRefused = {
  readonly kind: 'refused';
  readonly code: ForeignCode;
  readonly reason: string;
};

const refusal = (reason: string): ReceiptRefused => ({ kind: 'refused', code: 'WRIT-FGN-030', reason });

const digestOfDocument = (document: LedgerDocument): string =>
  digestOf(LEDGER_PAYLOAD_TYPE, Buffer.from(canonicalize(document), 'utf8'));

/** Why they do not belong together (ids and recomputed digests), `undefined` when they do. */
export const unrelated = (
  receipt: ReceiptEvent,
  decision: DecisionEvent,
  outcome?: OutcomeEvent,
): ReceiptRefused | undefined => {
  const named = receipt.document.data.who.decision;
  if (named.id !== decision.document.id || named.digest !== digestOfDocument(decision.document)) {
    return refusal('the receipt names another decision');
  }
  if (outcome !== undefined && outcome.document.data.receipt !== receipt.document.id) {
    return refusal('the outcome names another receipt');
  }
  return undefined;
};
