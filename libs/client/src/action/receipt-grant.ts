// What a receipt request came to: the checked receipt and the decision that it rests on.
import type { DecisionSummary, Receipt } from '../types.js';

export type ReceiptGrant = {
  readonly kind: 'granted';
  readonly receipt: Receipt;
  readonly decision: DecisionSummary;
};
