// One file of somebody else in, one report out. Offline; reads no file and fetches no key.
import type { JsonObject, JsonValue } from '@writ/contracts';
import { agentReceiptList, verifyAgentReceiptChain } from './agent-receipts/chain.js';
import { verifyAgentReceipt } from './agent-receipts/receipt.js';
import { verifyDsse } from './dsse/verify.js';
import { verifyEmiliaQuorum } from './emilia/quorum.js';
import { verifyEmiliaReceipt } from './emilia/receipt.js';
import { readFile } from './json.js';
import type { ForeignKey } from './keys/foreign-key.js';
import { verifyPermissionProtocol } from './permission-protocol/verify.js';
import { type Recognised, recognise } from './recognise.js';
import { type Findings, type ForeignReport, fails, holds, numbered, reportOf } from './report.js';
import { verifyScopeBlind } from './scopeblind/verify.js';

type Verify = (value: JsonValue, keys: readonly ForeignKey[]) => Findings;

const agentReceipts: Verify = (value, keys) => {
  const list = agentReceiptList(value);
  return list === undefined
    ? verifyAgentReceipt(value, keys)
    : verifyAgentReceiptChain(list as JsonObject[], keys);
};

const VERIFIERS: { readonly [F in Recognised['format']]: Verify } = {
  'permission-protocol': verifyPermissionProtocol,
  scopeblind: verifyScopeBlind,
  'agent-receipts': agentReceipts,
  'emilia-receipt': verifyEmiliaReceipt,
  'emilia-quorum': verifyEmiliaQuorum,
  dsse: verifyDsse,
};

/** Several receipts of one format: every one by itself; only what failed is listed. Nothing is said of receipts left out. */
const verifyList = (list: readonly JsonValue[], keys: readonly ForeignKey[]): ForeignReport | undefined => {
  const formats = list.map(recognise);
  const first = formats[0];
  if (first === undefined || formats.some((found) => found?.format !== first.format)) return undefined;
  const each = list.map((one) => VERIFIERS[first.format](one, keys));
  const failed = each.flatMap(({ checks }, i) =>
    checks.filter(({ ok }) => !ok).map((one) => numbered(i, one)),
  );
  const checks = failed.length === 0 ? [holds('receipts', 'each receipt holds by itself')] : failed;
  return reportOf(first.format, `${list.length} x ${first.name}`, {
    checks,
    signer: each[0]?.signer,
    says: { count: list.length },
  });
};

const unknown = (code: 'WRIT-FGN-001' | 'WRIT-FGN-002', reason: string): ForeignReport =>
  reportOf('unknown', 'unknown', { checks: [fails('format', code, reason)], says: {} });

/**
 * Verifies a foreign receipt (JSON text, or several receipts as a list or on lines) under the keys that the caller pins. VALID only
 * under pinned keys; under a key that the receipt itself brings, or none, UNDETERMINED with the reason. Expiry is not judged: it
 * bounds use, not the signature. Reads at most 8 MiB and 64 levels; never throws on any text. Source: each adapter names its own.
 */
export const verifyForeign = (text: string, keys: readonly ForeignKey[]): ForeignReport => {
  const value = readFile(text);
  if (value === undefined) return unknown('WRIT-FGN-001', 'not JSON, or JSON that can be read in two ways');
  const found = recognise(value);
  if (found === undefined && Array.isArray(value)) {
    const list = verifyList(value as readonly JsonValue[], keys);
    if (list !== undefined) return list;
  }
  if (found === undefined) return unknown('WRIT-FGN-002', 'its form is none of the formats known here');
  return reportOf(found.format, found.name, VERIFIERS[found.format](value, keys));
};
