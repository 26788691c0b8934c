// Permission Protocol receipts, jcs_v2 and jcs_v3 (github.com/permission-protocol/receipt-spec, SPEC.md of 2026-10): Ed25519 over
// the 32-byte SHA-256 of the canonical bytes. A receipt proves a decision, approved or denied; it never proves execution.
import { canonicalizeJcs, type JsonObject, type JsonValue } from '@writ/crypto';
import { fromBase64, sha256Bytes } from '../bytes.js';
import { at, isObject, readJson, textAt } from '../json.js';
import type { ForeignKey } from '../keys/foreign-key.js';
import { judgeSignature } from '../keys/signature.js';
import { check, type Findings, type ForeignCheck, fails, holds } from '../report.js';
import { permissionProtocolClaims } from './claims.js';
import { checkDeciderProof } from './decider-proof.js';
import { type Canonicalization, isCanonicalization, REQUIRED_FIELDS, SIGNED_FIELDS } from './fields.js';
import { checkProjection } from './projection.js';

const payloadOf = (artifact: JsonValue | undefined): { bytes?: Uint8Array; payload?: JsonObject } => {
  const bytes = fromBase64(textAt(artifact, 'payload_bytes_b64') ?? '');
  const payload = bytes === undefined ? undefined : readJson(bytes);
  return {
    ...(bytes === undefined ? {} : { bytes }),
    ...(isObject(payload) ? { payload } : {}),
  };
};

const canonical = (payload: JsonObject, bytes: Uint8Array, version: Canonicalization): boolean => {
  const known: readonly string[] = SIGNED_FIELDS[version];
  const entries = Object.entries(payload);
  const fields = entries.every(([name, value]) => known.includes(name) && value !== null);
  return fields && Buffer.from(canonicalizeJcs(payload)).equals(bytes);
};

const formCheck = (payload: JsonObject, version: Canonicalization): ForeignCheck => {
  const texts = REQUIRED_FIELDS[version].every((name) => textAt(payload, name) !== undefined);
  const markers =
    payload['receiptVersion'] === (version === 'jcs_v2' ? 2 : 3) && payload['signatureAlg'] === 'ed25519';
  const decision = ['APPROVED', 'DENIED'].includes(textAt(payload, 'status') ?? '');
  const commitment =
    version === 'jcs_v2' || /^sha256:[a-f0-9]{64}$/.test(textAt(payload, 'requestCommitment') ?? '');
  const ok = texts && markers && decision && commitment;
  return check(
    'form',
    ok,
    'WRIT-FGN-003',
    `it lacks what ${version} always signs, or has it in another form`,
  );
};

/** Unsigned copies around the signed bytes: outer name to signed name. */
const COPIES = {
  receipt_id: 'id',
  status: 'status',
  receipt_version: 'receiptVersion',
  canonicalization: 'canonicalization',
  key_id: 'signatureKeyId',
  alg: 'signatureAlg',
  issued_at: 'createdAt',
  expires_at: 'expiresAt',
} as const;

const envelopeCheck = (value: JsonValue, payload: JsonObject): ForeignCheck => {
  const artifact = at(value, 'artifact');
  const copies = Object.entries(COPIES).every(
    ([outer, inner]) => at(artifact, outer) === undefined || at(artifact, outer) === payload[inner],
  );
  const receipt = at(value, 'receipt');
  const echo = receipt === undefined || canonicalizeJcs(receipt as JsonObject) === canonicalizeJcs(payload);
  return check('envelope', copies && echo, 'WRIT-FGN-008', 'its unsigned copies differ from what was signed');
};

const versionChecks = (payload: JsonObject, bytes: Uint8Array): readonly ForeignCheck[] => {
  const version = textAt(payload, 'canonicalization');
  if (!isCanonicalization(version)) {
    return [fails('canonical', 'WRIT-FGN-022', 'its canonicalization is not one that is known here')];
  }
  const checks = [
    formCheck(payload, version),
    check(
      'canonical',
      canonical(payload, bytes, version),
      'WRIT-FGN-005',
      `not the bytes that ${version} gives`,
    ),
  ];
  if (version === 'jcs_v2') return checks;
  return [
    ...checks,
    checkProjection(textAt(payload, 'publicProjectionJson')),
    checkDeciderProof(textAt(payload, 'deciderAuthMethod'), payload['deciderProof']),
  ];
};

/** The checks and claims of a Permission Protocol artifact. */
export const verifyPermissionProtocol = (value: JsonValue, keys: readonly ForeignKey[]): Findings => {
  const artifact = at(value, 'artifact');
  const { bytes, payload } = payloadOf(artifact);
  if (bytes === undefined || payload === undefined) {
    return {
      checks: [fails('payload', 'WRIT-FGN-003', 'its payload is not base64 of a JSON object')],
      says: {},
    };
  }
  const digest = sha256Bytes(bytes);
  const hash = textAt(artifact, 'signed_payload_hash') === digest.toString('hex');
  const signed = {
    message: digest,
    signature: fromBase64(textAt(artifact, 'signature_b64') ?? ''),
    keyId: textAt(payload, 'signatureKeyId'),
    algorithm: 'Ed25519',
  } as const;
  const judged = judgeSignature(signed, keys);
  const checks = [
    holds('payload', 'it is a JSON object'),
    check('hash', hash, 'WRIT-FGN-004', 'SHA-256 of the payload is not the hash that stands beside it'),
    judged.check,
    ...versionChecks(payload, bytes),
    envelopeCheck(value, payload),
  ];
  return { checks, signer: judged.signer, says: permissionProtocolClaims(payload) };
};
