// One Agent Receipt (agent-receipts/obsigna, specification 0.1 to 0.5): a W3C-credential-like document with an Ed25519 proof
// over its RFC 8785 canonical form without the proof. Fields that are null are absent, save one.
import { canonicalizeJcs, fromBase64url, type JsonObject, type JsonValue } from '@writ/crypto';
import { sha256Hex } from '../bytes.js';
import { at, isObject, listAt, textAt, without, withoutNulls } from '../json.js';
import { didKey } from '../keys/did-key.js';
import type { ForeignKey } from '../keys/foreign-key.js';
import { judgeSignature } from '../keys/signature.js';
import { check, type Findings, type ForeignCheck, fails } from '../report.js';

/** Whether a value says of itself that it is an Agent Receipt. */
export const isAgentReceipt = (value: JsonValue | undefined): value is JsonObject =>
  isObject(value) && listAt(value, 'type')?.includes('AgentReceipt') === true;

const REQUIRED_NULLABLE = new Set(['previous_receipt_hash']);

/** The canonical text that is signed and hashed: without the proof, and without optional members that are null. */
export const agentReceiptCanonical = (receipt: JsonObject): string =>
  canonicalizeJcs(withoutNulls(without(receipt, 'proof'), REQUIRED_NULLABLE) as JsonObject);

/** `sha256:` and the hex digest of the canonical text: what the next receipt of the chain names. */
export const agentReceiptHash = (receipt: JsonObject): string =>
  `sha256:${sha256Hex(agentReceiptCanonical(receipt))}`;

const REQUIRED_TEXTS = [
  ['id'],
  ['version'],
  ['issuer', 'id'],
  ['issuanceDate'],
  ['credentialSubject', 'principal', 'id'],
  ['credentialSubject', 'action', 'id'],
  ['credentialSubject', 'action', 'type'],
  ['credentialSubject', 'action', 'risk_level'],
  ['credentialSubject', 'action', 'timestamp'],
  ['credentialSubject', 'outcome', 'status'],
  ['credentialSubject', 'chain', 'chain_id'],
  ['proof', 'created'],
  ['proof', 'verificationMethod'],
] as const;

const formCheck = (receipt: JsonObject): ForeignCheck => {
  const complete = REQUIRED_TEXTS.every((path) => textAt(receipt, ...path) !== undefined);
  return check('form', complete, 'WRIT-FGN-003', 'a required member is missing or is no text');
};

const versionCheck = (receipt: JsonObject): ForeignCheck => {
  const known = /^0\.[1-5]\.\d+$/.test(textAt(receipt, 'version') ?? '');
  return check('version', known, 'WRIT-FGN-022', 'it is of a version that is not known here');
};

const proofCheck = (receipt: JsonObject): ForeignCheck => {
  const type = textAt(receipt, 'proof', 'type') === 'Ed25519Signature2020';
  const purpose = textAt(receipt, 'proof', 'proofPurpose') === 'assertionMethod';
  return check('proof', type && purpose, 'WRIT-FGN-009', 'its type or purpose is not the one allowed');
};

/** A first receipt names no receipt before it; any later one does. */
const positionCheck = (receipt: JsonObject): ForeignCheck => {
  const chain = at(receipt, 'credentialSubject', 'chain');
  const sequence = at(chain, 'sequence');
  const previous = at(chain, 'previous_receipt_hash');
  const hash = typeof previous === 'string' && /^sha256:[0-9a-f]{64}$/.test(previous);
  const later = Number.isSafeInteger(sequence) && (sequence as number) > 1 && hash;
  const ok = later || (sequence === 1 && previous === null);
  return check(
    'position',
    ok,
    'WRIT-FGN-010',
    'its sequence and the hash of the one before do not go together',
  );
};

const timestampCheck = (receipt: JsonObject): readonly ForeignCheck[] =>
  textAt(receipt, 'credentialSubject', 'action', 'trusted_timestamp') === undefined
    ? []
    : [fails('timestamp', 'WRIT-FGN-022', 'its RFC 3161 timestamp is not checked here')];

const signatureOf = (receipt: JsonObject): Uint8Array | undefined => {
  const value = textAt(receipt, 'proof', 'proofValue') ?? '';
  return value.startsWith('u') ? fromBase64url(value.slice(1)) : undefined;
};

/** What a receipt claims. */
export const agentReceiptClaims = (receipt: JsonObject): Findings['says'] => {
  const subject = at(receipt, 'credentialSubject');
  return {
    id: textAt(receipt, 'id'),
    issuer: textAt(receipt, 'issuer', 'id'),
    agent: textAt(receipt, 'issuer', 'id'),
    principal: textAt(subject, 'principal', 'id'),
    tool: textAt(subject, 'action', 'tool_name') ?? textAt(subject, 'action', 'target', 'system'),
    operation: textAt(subject, 'action', 'type'),
    resource: textAt(subject, 'action', 'target', 'resource'),
    outcome: textAt(subject, 'outcome', 'status'),
    issuedAt: textAt(receipt, 'issuanceDate'),
  };
};

/** The checks and claims of one receipt; its place in the chain only as far as it shows by itself. */
export const verifyAgentReceipt = (value: JsonValue, keys: readonly ForeignKey[]): Findings => {
  if (!isAgentReceipt(value)) return { checks: [fails('form', 'WRIT-FGN-003', 'no receipt')], says: {} };
  const method = textAt(value, 'proof', 'verificationMethod');
  const signed = {
    message: Buffer.from(agentReceiptCanonical(value)),
    signature: signatureOf(value),
    keyId: method,
    embedded: didKey(method),
    algorithm: 'Ed25519',
  } as const;
  const judged = judgeSignature(signed, keys);
  const form = formCheck(value);
  const checks = [form, versionCheck(value), proofCheck(value), judged.check];
  const rest = form.ok ? [positionCheck(value), ...timestampCheck(value)] : [];
  return { checks: [...checks, ...rest], signer: judged.signer, says: agentReceiptClaims(value) };
};
