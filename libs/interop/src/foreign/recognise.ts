// Names the format of a JSON value by its form alone. Nothing is verified here.
import type { JsonValue } from '@writ/contracts';
import { agentReceiptList } from './agent-receipts/chain.js';
import { isAgentReceipt } from './agent-receipts/receipt.js';
import { isDsse } from './dsse/verify.js';
import { listAt, textAt } from './json.js';
import type { ForeignFormat } from './report.js';
import { scopeBlindEnvelope } from './scopeblind/verify.js';

/** A format and its name for people. */
export type Recognised = { readonly format: Exclude<ForeignFormat, 'unknown'>; readonly name: string };

const permissionProtocol = (value: JsonValue): string | undefined => {
  const payload = textAt(value, 'artifact', 'payload_bytes_b64');
  const version = textAt(value, 'artifact', 'canonicalization') ?? 'version not named';
  return payload === undefined ? undefined : `Permission Protocol receipt (${version})`;
};

const agentReceipts = (value: JsonValue): string | undefined => {
  if (isAgentReceipt(value))
    return `Agent Receipt (agent-receipts, ${textAt(value, 'version') ?? 'no version'})`;
  const list = agentReceiptList(value);
  return list === undefined ? undefined : `chain of ${list.length} Agent Receipts (agent-receipts)`;
};

const emiliaReceipt = (value: JsonValue): string | undefined => {
  const version = textAt(value, '@version');
  return version?.startsWith('EP-RECEIPT-') === true ? `EMILIA receipt (${version})` : undefined;
};

const emiliaQuorum = (value: JsonValue): string | undefined =>
  textAt(value, '@type') === 'ep.quorum' && listAt(value, 'members') !== undefined
    ? 'EMILIA quorum (EP-QUORUM-v1)'
    : undefined;

const dsse = (value: JsonValue): string | undefined =>
  isDsse(value) ? `DSSE envelope (${textAt(value, 'payloadType')})` : undefined;

const scopeBlind = (value: JsonValue): string | undefined => {
  const envelope = scopeBlindEnvelope(value);
  return envelope === undefined ? undefined : `ScopeBlind / APS receipt (${envelope} envelope)`;
};

const RECOGNISERS: { readonly [F in Recognised['format']]: (value: JsonValue) => string | undefined } = {
  'permission-protocol': permissionProtocol,
  'agent-receipts': agentReceipts,
  'emilia-receipt': emiliaReceipt,
  'emilia-quorum': emiliaQuorum,
  dsse,
  scopeblind: scopeBlind,
};

/**
 * The foreign format of a parsed JSON value and its name, `undefined` when it is none that is known here (a frame, bundle or
 * export of Writ itself is none of them). By form only: nothing is verified, and the name quotes what the value says of itself.
 */
export const recognise = (value: JsonValue): Recognised | undefined => {
  for (const [format, name] of Object.entries(RECOGNISERS)) {
    const found = name(value);
    if (found !== undefined) return { format: format as Recognised['format'], name: found.slice(0, 120) };
  }
  return undefined;
};
