// Asks for the authority receipt and checks every word of it: whose order, for whom, for what, until when. Runs nothing.
import {
  type Code,
  type Frame,
  type LedgerDocumentOf,
  livePayloadType,
  type Refused,
  refused,
  subjects,
} from '@writ/contracts';
import { canonicalize, digestOf, splitFrames } from '@writ/crypto';
import { timestamp } from '../clock.js';
import { messageOf, notSigned, signLive } from '../documents.js';
import type { GateKeeper } from '../gate/keeper.js';
import type { Session } from '../session.js';
import type { Trusted } from '../trust/trust.js';
import type { Receipt } from '../types.js';
import { answer, askUntil, claimedType, distrusted, type Reading, readRefusal } from './ask.js';
import { type DecisionDocument, openDecision, summarise } from './decision.js';
import type { ReceiptGrant } from './receipt-grant.js';

/** What a receipt is asked for. `requests` collects the ids of the requests that this process made. */
export type Order = {
  readonly intentId: string;
  readonly agent: string;
  readonly argsDigest: string;
  readonly resource: string;
  readonly operation: string;
  /** Known to the agent itself; an enforcement point takes it from the decision. */
  readonly intentDigest?: string;
  readonly requests: Set<string>;
  readonly acceptEarlier: boolean;
};

const RECEIPT = ['writ.authority.receipt-issued.v1'] as const;
type ReceiptDocument = LedgerDocumentOf<(typeof RECEIPT)[number]>;

/** Asks until there is a receipt that fits or a refusal: nothing is executed on anything else. */
export const askReceipt = async (
  session: Session,
  keeper: GateKeeper,
  order: Order,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ReceiptGrant | Refused> => {
  const { scope } = session.credentials;
  const subject = subjects.receipt(scope);
  const at = keeper.planeTime();
  const { intentId, agent, argsDigest } = order;
  const data = { intentId, agent, argsDigest, expires: timestamp(at + Math.max(timeoutMs, 1000)) };
  const request = await signLive('receipt-request', session.signing, subject, at, data).catch(notSigned);
  if ('code' in request) return request;
  order.requests.add(request.id);
  const read = (reply: Uint8Array) => readReply(session, keeper, order, reply, subject, request.id);
  return askUntil<ReceiptGrant | Refused>(session, keeper, {
    subject,
    message: messageOf(request),
    timeoutMs,
    signal,
    read,
  });
};

const readReply = (
  session: Session,
  keeper: GateKeeper,
  order: Order,
  reply: Uint8Array,
  subject: string,
  requestId: string,
): Reading<ReceiptGrant | Refused> => {
  const [first, second] = splitFrames(reply);
  if (first === undefined) return answer(refused('WRIT-ENF-008', 'an empty answer'));
  if (claimedType(first) === 'writ.refusal.v1') {
    return readRefusal(session, first, subject, 'receipt-ledger', requestId);
  }
  const receipt = session.trust.fact(RECEIPT, first, session.signers.receipt);
  if (!receipt.ok) return distrusted(receipt);
  if (second === undefined) return answer(refused('WRIT-ENF-004', 'the decision is missing'));
  const decision = openDecision(session, second);
  if (!decision.ok) return distrusted(decision);
  const problem =
    receiptProblem(session, order, receipt) ??
    decisionProblem(order, receipt.document, decision) ??
    intentProblem(order, decision.document) ??
    expiryProblem(keeper, receipt.document.data.when.expires);
  if (problem !== undefined) return answer(problem);
  return answer({
    kind: 'granted',
    receipt: asReceipt(receipt.document, receipt.digest),
    decision: summarise(decision.document, decision.digest),
  });
};

const misfit = (reason: string, code: Code = 'WRIT-ENF-004'): Refused => refused(code, reason);

/** Problems of the receipt by itself. */
const receiptProblem = (
  session: Session,
  order: Order,
  receipt: Trusted<ReceiptDocument>,
): Refused | undefined => {
  const { data } = receipt.document;
  const { key, scope } = session.credentials;
  if (data.intentId !== order.intentId) return misfit('it is for another intent');
  if (data.agent !== order.agent) return misfit('it is for another agent');
  if (data.audience.kid !== key.kid || data.audience.name !== scope)
    return misfit('it is for another audience');
  if (data.what.argsDigest !== order.argsDigest) return misfit('it is for other arguments');
  if (data.what.resource !== order.resource) return misfit('it is for another resource');
  if (data.what.operation !== order.operation) return misfit('it is for another operation');
  if (order.intentDigest !== undefined && data.intentDigest !== order.intentDigest) {
    return misfit('it binds another intent');
  }
  if (!order.acceptEarlier && !order.requests.has(requestOf(data.request))) {
    return misfit('it was issued to an earlier request, which may have been executed: reconcile first');
  }
  return undefined;
};

const requestOf = (frame: Frame): string => String(frame.signed['id']);

/** Problems between the receipt and the decision that it names. */
const decisionProblem = (
  order: Order,
  receipt: ReceiptDocument,
  decision: Trusted<DecisionDocument>,
): Refused | undefined => {
  const { who, what, intentDigest } = receipt.data;
  const { data, type, id } = decision.document;
  if (who.decision.id !== id || who.decision.digest !== decision.digest)
    return misfit('it names another decision');
  if (data.intentDigest !== intentDigest) return misfit('the decision is on another intent');
  if (data.agent !== order.agent) return misfit('the decision is on another agent');
  if (data.obligedDigest !== order.argsDigest) return misfit('the decision obliges to other arguments');
  if (canonicalize(what.obligations) !== canonicalize(data.obligations))
    return misfit('the obligations differ');
  if (type === 'writ.decision.denied.v1' && who.via !== 'override')
    return misfit('the decision denied the intent');
  if (type === 'writ.decision.escalated.v1' && who.via === 'policy') return misfit('the approval is missing');
  return undefined;
};

/** The intent inside the decision must be the one that the digest binds, and about the same action. */
const intentProblem = (order: Order, decision: DecisionDocument): Refused | undefined => {
  const { signed } = decision.data.intent;
  const bytes = new TextEncoder().encode(canonicalize(signed));
  if (digestOf(livePayloadType('intent'), bytes) !== decision.data.intentDigest) {
    return misfit('the decision carries another intent');
  }
  const { id, data } = signed as {
    id?: unknown;
    data?: { action?: { resource?: unknown; operation?: unknown } };
  };
  if (id !== order.intentId) return misfit('the decision carries another intent');
  if (data?.action?.resource !== order.resource || data.action.operation !== order.operation) {
    return misfit('the intent is about another action');
  }
  return undefined;
};

const expiryProblem = (keeper: GateKeeper, expires: string): Refused | undefined =>
  Date.parse(expires) <= keeper.planeTime('late')
    ? refused('WRIT-ENF-009', 'the receipt has expired')
    : undefined;

/** Whether a receipt that was checked before still holds. */
export const stillValid = (keeper: GateKeeper, receipt: Receipt): Refused | undefined =>
  expiryProblem(keeper, receipt.expires);

const asReceipt = ({ id, data }: ReceiptDocument, digest: string): Receipt => ({
  id,
  digest,
  intentId: data.intentId,
  agent: data.agent,
  via: data.who.via,
  people: data.who.approval?.people ?? [],
  tool: data.what.tool,
  operation: data.what.operation,
  resource: data.what.resource,
  obligations: data.what.obligations,
  issued: data.when.issued,
  expires: data.when.expires,
});
