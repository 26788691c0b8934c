// Our receipt as an in-toto Statement: who, what, when, why, and what happened. No private value is in it.
import type { JsonObject } from '@writ/contracts';
import type { ExportedEvent } from '../formats/event.js';
import { type Statement, type StatementSubject, subjectOf } from '../formats/in-toto.js';
import {
  type DecisionEvent,
  type OutcomeEvent,
  type ReceiptEvent,
  type ReceiptRefused,
  unrelated,
} from './own.js';

/** The predicate type of our receipts. */
export const RECEIPT_PREDICATE_TYPE = 'urn:writ:predicate:authority-receipt:v1';

/** A document as the predicate names it: id, SHA-256 of its bytes, and its place in the ledger. */
export type DocumentReference = StatementSubject & {
  readonly ledger: {
    readonly seq: number;
    readonly time: string;
    readonly subject: string;
    readonly digest: string;
  };
};

/** The predicate: members of the receipt as they were signed, and the documents around it by digest. */
export type ReceiptPredicate = {
  readonly agent: string;
  readonly intent: { readonly id: string; readonly digest: string };
  readonly audience: JsonObject;
  readonly who: JsonObject;
  readonly what: JsonObject;
  readonly when: JsonObject;
  readonly why: JsonObject;
  readonly receipt: DocumentReference;
  readonly decision: DocumentReference & { readonly verdict: string };
  readonly outcome?: DocumentReference & { readonly status: string };
};

const reference = ({ seq, time, subject, digest, ...event }: ExportedEvent): DocumentReference => ({
  ...subjectOf({ seq, time, subject, digest, ...event }),
  ledger: { seq, time, subject, digest },
});

const factOf = (event: ExportedEvent): string => event.document.type.split('.')[2] ?? '';

const predicateOf = (
  receipt: ReceiptEvent,
  decision: DecisionEvent,
  outcome: OutcomeEvent | undefined,
): ReceiptPredicate => {
  const { agent, intentId, intentDigest, audience, who, what, when, why } = receipt.document.data;
  return {
    agent,
    intent: { id: intentId, digest: intentDigest },
    audience,
    who,
    what: what as JsonObject,
    when,
    why,
    receipt: reference(receipt),
    decision: { ...reference(decision), verdict: factOf(decision) },
    ...(outcome === undefined ? {} : { outcome: { ...reference(outcome), status: factOf(outcome) } }),
  };
};

/**
 * The in-toto Statement v1 of a receipt, unsigned (sign it with `toDsse`): its subject is the receipt's document by the SHA-256 of its
 * canonical bytes, which whoever holds the ledger or a bundle can recompute. Refused (WRIT-FGN-030) when the events do not belong
 * together; digests are recomputed for that. It is an extract: the signatures of the plane stay in the ledger.
 */
export const receiptToInToto = (
  receipt: ReceiptEvent,
  decision: DecisionEvent,
  outcome?: OutcomeEvent,
): Statement<ReceiptPredicate> | ReceiptRefused =>
  unrelated(receipt, decision, outcome) ?? {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [subjectOf(receipt)],
    predicateType: RECEIPT_PREDICATE_TYPE,
    predicate: predicateOf(receipt, decision, outcome),
  };
