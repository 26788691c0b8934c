// EMILIA authorization receipts, EP-RECEIPT-v1 (github.com/emiliaprotocol/emilia-protocol, conformance suite 1.0.0): Ed25519 over
// the canonical payload; an anchor, where there is one, must be EP-MERKLE-v2 and bound to this payload.
import type { JsonValue } from '@writ/contracts';
import { fromBase64, sha256Hex } from '../bytes.js';
import { at, listAt, textAt } from '../json.js';
import { type ForeignKey, spkiKey } from '../keys/foreign-key.js';
import { judgeSignature } from '../keys/signature.js';
import { check, type Findings, type ForeignCheck, fails, holds } from '../report.js';
import { emiliaCanonical } from './canonical.js';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);
const MAX_STEPS = 20;

/** One step up: the children stand in as hex text, left before right. */
const climb = (current: string | undefined, step: JsonValue): string | undefined => {
  const hash = textAt(step, 'hash');
  const position = textAt(step, 'position');
  if (current === undefined || hash === undefined) return undefined;
  if (position === 'left') return sha256Hex(NODE, hash, current);
  return position === 'right' ? sha256Hex(NODE, current, hash) : undefined;
};

const anchorChecks = (anchor: JsonValue | undefined, canonical: string): readonly ForeignCheck[] => {
  if (anchor === undefined) return [];
  if (textAt(anchor, 'alg') !== 'EP-MERKLE-v2') {
    return [fails('anchor', 'WRIT-FGN-011', 'an anchor of the old kind binds nothing to this receipt')];
  }
  const steps = listAt(anchor, 'merkle_proof');
  const leaf = sha256Hex(LEAF, canonical);
  const bound = textAt(anchor, 'leaf_hash') === leaf;
  const root = steps !== undefined && steps.length <= MAX_STEPS ? steps.reduce(climb, leaf) : undefined;
  const ok = bound && root !== undefined && root === textAt(anchor, 'merkle_root');
  return [
    check('anchor', ok, 'WRIT-FGN-011', 'it is not bound to this receipt, or does not lead to its root'),
  ];
};

const claimsOf = (payload: JsonValue | undefined): Findings['says'] => ({
  id: textAt(payload, 'receipt_id'),
  issuer: textAt(payload, 'issuer'),
  agent: textAt(payload, 'agent') ?? textAt(payload, 'initiator'),
  operation: textAt(payload, 'action_type'),
  decidedBy: [textAt(payload, 'claim', 'approver')].filter((id) => id !== undefined),
  issuedAt: textAt(payload, 'issued_at') ?? textAt(payload, 'created_at'),
  expiresAt: textAt(payload, 'expires_at'),
});

/** The checks and claims of one EP receipt. */
export const verifyEmiliaReceipt = (value: JsonValue, keys: readonly ForeignKey[]): Findings => {
  const payload = at(value, 'payload');
  const says = claimsOf(payload);
  const version = textAt(value, '@version') === 'EP-RECEIPT-v1';
  if (!version) return { checks: [fails('version', 'WRIT-FGN-022', 'it is not EP-RECEIPT-v1')], says };
  const canonical = emiliaCanonical(payload);
  if (canonical === undefined) {
    return {
      checks: [fails('canonical', 'WRIT-FGN-005', 'no payload, or numbers that are no safe integers')],
      says,
    };
  }
  const algorithm = textAt(value, 'signature', 'algorithm') === 'Ed25519';
  const own = fromBase64(textAt(value, 'public_key') ?? textAt(value, 'signature', 'public_key') ?? '');
  const judged = judgeSignature(
    {
      message: Buffer.from(canonical),
      signature: fromBase64(textAt(value, 'signature', 'value') ?? ''),
      keyId: textAt(value, 'signature', 'key_id'),
      embedded: own === undefined ? undefined : spkiKey(own),
      algorithm: 'Ed25519',
    },
    keys,
  );
  const checks = [
    holds('version'),
    check('algorithm', algorithm, 'WRIT-FGN-009', 'the signature is not named as Ed25519'),
    judged.check,
    ...anchorChecks(at(value, 'anchor'), canonical),
  ];
  return { checks, signer: judged.signer, says };
};
