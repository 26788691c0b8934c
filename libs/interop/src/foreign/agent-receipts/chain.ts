// A list of Agent Receipts as one chain (specification 0.5 §7.3). Says nothing of receipts that were left off its end.
import type { JsonObject, JsonValue } from '@writ/contracts';
import { at, textAt } from '../json.js';
import type { ForeignKey } from '../keys/foreign-key.js';
import { check, type Findings, type ForeignCheck, fails, holds, numbered } from '../report.js';
import { agentReceiptClaims, agentReceiptHash, isAgentReceipt, verifyAgentReceipt } from './receipt.js';

const chainOf = (receipt: JsonObject): JsonValue | undefined => at(receipt, 'credentialSubject', 'chain');

const sameThroughout = (receipts: readonly JsonObject[], of: (receipt: JsonObject) => unknown): boolean =>
  receipts.every((receipt) => of(receipt) === of(receipts[0] as JsonObject));

const follows = (before: JsonObject, after: JsonObject): boolean =>
  at(chainOf(after), 'sequence') === Number(at(chainOf(before), 'sequence')) + 1 &&
  at(chainOf(after), 'previous_receipt_hash') === agentReceiptHash(before);

const linkChecks = (receipts: readonly JsonObject[]): readonly ForeignCheck[] =>
  receipts
    .slice(1)
    .map((after, i) => [receipts[i] as JsonObject, after, i + 1] as const)
    .filter(([before, after]) => !follows(before, after))
    .map(([, , index]) =>
      numbered(index, fails('link', 'WRIT-FGN-010', 'it does not follow the one before it')),
    );

const shapeChecks = (receipts: readonly JsonObject[]): readonly ForeignCheck[] => {
  const ids = sameThroughout(receipts, (receipt) => textAt(chainOf(receipt), 'chain_id'));
  const issuers = sameThroughout(receipts, (receipt) => textAt(receipt, 'issuer', 'id'));
  const closed = receipts.findIndex((receipt) => at(chainOf(receipt), 'terminal') === true);
  const begins = at(chainOf(receipts[0] as JsonObject), 'previous_receipt_hash') === null;
  return [
    check('one chain', ids && issuers, 'WRIT-FGN-010', 'receipts of several chains or issuers'),
    check('beginning', begins, 'WRIT-FGN-010', 'the first receipt is not the beginning of the chain'),
    check(
      'end',
      closed < 0 || closed === receipts.length - 1,
      'WRIT-FGN-010',
      'a receipt after the last one',
    ),
  ];
};

/** Whether a value is a list of Agent Receipts, bare or under `receipts`. */
export const agentReceiptList = (value: JsonValue | undefined): readonly JsonObject[] | undefined => {
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : at(value, 'receipts');
  const all =
    Array.isArray(list) && list.length > 0 && list.every((item) => isAgentReceipt(item as JsonValue));
  return all ? (list as unknown as readonly JsonObject[]) : undefined;
};

/** The checks of a chain: every receipt by itself (only what failed is listed), then the links between them. */
export const verifyAgentReceiptChain = (
  receipts: readonly JsonObject[],
  keys: readonly ForeignKey[],
): Findings => {
  const each = receipts.map((receipt) => verifyAgentReceipt(receipt, keys));
  const failed = each.flatMap(({ checks }, i) =>
    checks.filter(({ ok }) => !ok).map((one) => numbered(i, one)),
  );
  const links = linkChecks(receipts);
  const good = [
    ...(failed.length === 0 ? [holds('receipts', 'each receipt holds by itself')] : []),
    ...(links.length === 0 ? [holds('links', 'each receipt names the one before it')] : []),
  ];
  return {
    checks: [...good, ...failed, ...links, ...shapeChecks(receipts)],
    signer: each[0]?.signer,
    says: { ...agentReceiptClaims(receipts[0] as JsonObject), count: receipts.length },
  };
};
