// Our receipt in the shape of a Permission Protocol receipt, jcs_v2 (receipt-spec SPEC.md §3.1, §6.1). What has no field there is
// named, never squeezed in; an issuer's own names (its policy engine) are not borrowed.
import { organisationOf } from '@writ/contracts';
import { canonicalize, fromBase64url } from '@writ/crypto';
import { sha256Bytes } from '../foreign/bytes.js';
import { type DecisionEvent, type ReceiptEvent, type ReceiptRefused, unrelated } from './own.js';

/** The signed payload of jcs_v2: text fields, and `receiptVersion` 2. */
export type PermissionProtocolPayload = { readonly [field: string]: string | number };

/** Something that does not come through, and why. */
export type Unmapped = { readonly field: string; readonly reason: string };

/** A mapped receipt: Ed25519 signs `digest`, the SHA-256 of `bytes` (the canonical payload). */
export type MappedReceipt = {
  readonly kind: 'mapped';
  readonly payload: PermissionProtocolPayload;
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
  readonly unmapped: readonly Unmapped[];
};

/** `keyId` names the key that will sign; `demo` marks a receipt that must never pass as production evidence. */
export type MappingOptions = { readonly keyId: string; readonly scope?: 'production' | 'demo' };

type Fields = { readonly [field: string]: string };

const ALWAYS_UNMAPPED: readonly Unmapped[] = [
  { field: 'audience', reason: 'the format names no enforcement point that alone may use the receipt' },
  { field: 'obligations', reason: 'the format has no obligations; they stand in requestJson only' },
  {
    field: 'intent digest',
    reason: 'inputHash is the digest of the obliged arguments, not of a whole request',
  },
  { field: 'arguments', reason: 'they are private here; requestJson has their digest' },
  {
    field: 'approval',
    reason: 'the votes stay in the ledger; the format has one decider and no signature of theirs',
  },
  { field: 'riskTier', reason: 'reversibility and blast radius are no tier of that list' },
  { field: 'chain and position', reason: 'the format has neither; use a portable receipt for them' },
  { field: 'outcome', reason: 'the format keeps execution out of the receipt' },
];

const OUR_ENGINE: Unmapped = {
  field: 'deciderId',
  reason: 'the closed list of that schema knows the engines of its own issuer only; ours is named as it is',
};

/** Who decided: one person by name, several people by their class, else our decision point. */
const deciderOf = (
  receipt: ReceiptEvent,
): { readonly fields: Fields; readonly unmapped: readonly Unmapped[] } => {
  const { via, approval } = receipt.document.data.who;
  const [person, ...others] = approval?.people ?? [];
  if (via === 'policy' || via === 'timeout-fallback' || person === undefined) {
    const fields = { deciderId: 'system/writ-decision', deciderDisplay: 'Writ policy decision point' };
    return { fields: { ...fields, deciderAuthMethod: 'policy' }, unmapped: [OUR_ENGINE] };
  }
  const one = others.length === 0;
  const deciderId = one ? `user:${person}` : 'role/human-approver';
  const deciderDisplay = one ? person : `${others.length + 1} approvers`;
  const unmapped = one
    ? []
    : [{ field: 'deciderId', reason: 'several people approved; the format names one' }];
  return { fields: { deciderId, deciderDisplay, resolutionType: 'allow_once' }, unmapped };
};

const hashOf = (digest: string): string =>
  `sha256:${Buffer.from(fromBase64url(digest) ?? []).toString('hex')}`;

const requestOf = (receipt: ReceiptEvent): string => {
  const { agent, intentId, intentDigest, what } = receipt.document.data;
  const { tool, operation, resource, argsDigest, obligations } = what;
  return canonicalize({
    action: { tool, operation, resource, argsDigest, obligations },
    actor: { agentId: agent },
    context: { environment: agent.split('.').slice(0, 3).join('.') },
    hashes: { inputHash: hashOf(argsDigest) },
    intent: { id: intentId, digest: intentDigest, name: `${tool}:${operation}` },
  });
};

const payloadOf = (
  receipt: ReceiptEvent,
  decider: Fields,
  options: MappingOptions,
): PermissionProtocolPayload => {
  const { id, correlationid, data } = receipt.document;
  return {
    id,
    companyId: organisationOf(data.agent),
    idemKey: data.intentId,
    agentId: data.agent,
    runId: correlationid,
    requestJson: requestOf(receipt),
    inputHash: hashOf(data.what.argsDigest),
    status: 'APPROVED',
    policyVersion: `${data.why.boundary.name}@${data.why.boundary.digest}`,
    reasonCodes: JSON.stringify(data.why.codes),
    ...decider,
    attributionConfidence: 'credentialed',
    scope: options.scope ?? 'production',
    receiptVersion: 2,
    canonicalization: 'jcs_v2',
    signatureAlg: 'ed25519',
    signatureKeyId: options.keyId,
    expiresAt: data.when.expires,
    createdAt: data.when.issued,
  };
};

/**
 * A receipt in the Permission Protocol shape (jcs_v2), to be signed over `digest` by a key of the caller's, and what could not be
 * mapped. Refused (WRIT-FGN-030) when the decision is not the one that the receipt names. It attests what Writ recorded under a key
 * that is not Writ's ledger key: nobody verifies the plane's own signatures with it.
 */
export const receiptToPermissionProtocol = (
  receipt: ReceiptEvent,
  decision: DecisionEvent,
  options: MappingOptions,
): MappedReceipt | ReceiptRefused => {
  const refusal = unrelated(receipt, decision);
  if (refusal !== undefined) return refusal;
  const decider = deciderOf(receipt);
  const payload = payloadOf(receipt, decider.fields, options);
  const bytes = Buffer.from(canonicalize(payload), 'utf8');
  const unmapped = [...ALWAYS_UNMAPPED, ...decider.unmapped];
  return { kind: 'mapped', payload, bytes, digest: sha256Bytes(bytes), unmapped };
};

/** The portable artifact of a mapped receipt and the 64-byte signature over its digest. */
export const permissionProtocolArtifact = (mapped: MappedReceipt, signature: Uint8Array) => ({
  artifact: {
    receipt_id: mapped.payload['id'],
    status: mapped.payload['status'],
    receipt_version: mapped.payload['receiptVersion'],
    canonicalization: mapped.payload['canonicalization'],
    key_id: mapped.payload['signatureKeyId'],
    alg: mapped.payload['signatureAlg'],
    signed_payload_hash: Buffer.from(mapped.digest).toString('hex'),
    signature_b64: Buffer.from(signature).toString('base64'),
    payload_bytes_b64: Buffer.from(mapped.bytes).toString('base64'),
    issued_at: mapped.payload['createdAt'],
    expires_at: mapped.payload['expiresAt'],
    redeemed_at: null,
  },
  receipt: mapped.payload,
});
