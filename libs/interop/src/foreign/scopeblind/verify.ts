// ScopeBlind / Veritas Acta decision receipts and APS passport receipts (draft-farley-acta-signed-receipts-03; verifier
// @veritasacta/verify 0.9): Ed25519 over RFC 8785 canonical JSON. Three envelopes: passport, v2 and v1 flat.
import { canonicalizeJcs, type JsonObject, type JsonValue } from '@writ/crypto';
import { fromBase64, fromHex } from '../bytes.js';
import { at, isObject, textAt, without, withoutNulls } from '../json.js';
import { didKey } from '../keys/did-key.js';
import { ed25519Key, type ForeignKey } from '../keys/foreign-key.js';
import { type Judged, judgeSignature, type Signed } from '../keys/signature.js';
import { check, type Findings, fails } from '../report.js';

/** The envelopes, told apart as the project's own verifier does. */
export type ScopeBlindEnvelope = 'passport' | 'v2' | 'v1';

const isPassport = (value: JsonValue): boolean =>
  isObject(at(value, 'payload')) &&
  textAt(value, 'signature', 'sig') !== undefined &&
  textAt(value, 'signature', 'alg') !== undefined;

/** Which envelope a value is, `undefined` for none. */
export const scopeBlindEnvelope = (value: JsonValue): ScopeBlindEnvelope | undefined => {
  if (isPassport(value)) return 'passport';
  if (textAt(value, 'signature') === undefined) return undefined;
  if (at(value, 'v') === 2 && isObject(at(value, 'payload'))) return 'v2';
  const flat = at(value, 'v') === 1 || (at(value, 'v') === undefined && at(value, 'timestamp') !== undefined);
  return flat && textAt(value, 'type') !== undefined ? 'v1' : undefined;
};

const embeddedKey = (body: JsonValue, keyId: string | undefined): ForeignKey | undefined => {
  const jwk = fromBase64(textAt(body, 'verification_jwk', 'x') ?? '');
  const hex = fromHex(textAt(body, 'public_key') ?? textAt(body, 'verification_key') ?? '');
  const raw = hex ?? jwk;
  return raw === undefined ? didKey(keyId) : ed25519Key(raw);
};

type Parts = Omit<Signed, 'message'> & { readonly body: JsonObject; readonly algorithmName: string };

const partsOf = (value: JsonObject, envelope: ScopeBlindEnvelope): Parts => {
  const passport = envelope === 'passport';
  const body = passport ? (value['payload'] as JsonObject) : without(value, 'signature');
  const keyId = passport ? textAt(value, 'signature', 'kid') : textAt(value, 'kid');
  const signature = fromHex(textAt(value, ...(passport ? ['signature', 'sig'] : ['signature'])) ?? '');
  const name = passport ? textAt(value, 'signature', 'alg') : textAt(value, 'algorithm');
  const claims = isObject(value['payload']) ? value['payload'] : value;
  return { body, keyId, signature, algorithmName: name ?? 'ed25519', embedded: embeddedKey(claims, keyId) };
};

/** APS canonicalises without members that are null; where plain RFC 8785 does not verify, that form is tried too. */
const judge = (parts: Parts, keys: readonly ForeignKey[]): Judged => {
  const { keyId, signature, embedded, body } = parts;
  const under = (signed: JsonValue): Judged =>
    judgeSignature(
      {
        message: Buffer.from(canonicalizeJcs(signed as JsonObject)),
        signature,
        keyId,
        embedded,
        algorithm: 'Ed25519',
      },
      keys,
    );
  const plain = under(body);
  if (plain.check.code !== 'WRIT-FGN-006') return plain;
  const sparse = under(withoutNulls(body));
  if (sparse.check.code === 'WRIT-FGN-006') return plain;
  const reason = `${sparse.check.reason}; members that are null are not covered`;
  return { ...sparse, check: { ...sparse.check, reason } };
};

const DECISIONS = ['decision', 'verdict'];

const claimsOf = (value: JsonObject): Findings['says'] => {
  const body = isObject(value['payload']) ? value['payload'] : value;
  const action = at(body, 'action');
  const one = (...names: readonly string[]) =>
    names.map((name) => textAt(body, name) ?? textAt(value, name)).find((text) => text !== undefined);
  const reason = one('reason_code');
  return {
    id: one('receipt_id', 'request_id'),
    issuer: one('issuer', 'issuer_id') ?? textAt(value, 'signature', 'kid'),
    agent: one('agent_id', 'agentId'),
    decision: one(...DECISIONS) ?? textAt(action, 'decision'),
    tool: one('tool', 'tool_name') ?? textAt(action, 'tool'),
    operation: one('scope_evaluated'),
    policy: one('policy_id', 'policy_digest'),
    issuedAt: one('issued_at', 'timestamp'),
    reasons: reason === undefined ? undefined : [reason],
  };
};

/** The checks and claims of one ScopeBlind, Acta or APS passport receipt. */
export const verifyScopeBlind = (value: JsonValue, keys: readonly ForeignKey[]): Findings => {
  const envelope = scopeBlindEnvelope(value);
  if (envelope === undefined || !isObject(value)) {
    return { checks: [fails('form', 'WRIT-FGN-003', 'none of the three envelopes')], says: {} };
  }
  const parts = partsOf(value, envelope);
  const known = ['ed25519', 'eddsa'].includes(parts.algorithmName.toLowerCase());
  const algorithm = check('algorithm', known, 'WRIT-FGN-022', 'the algorithm is not Ed25519');
  if (!known) return { checks: [algorithm], says: claimsOf(value) };
  const judged = judge(parts, keys);
  return { checks: [algorithm, judged.check], signer: judged.signer, says: claimsOf(value) };
};
