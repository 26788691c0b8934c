// Permission Protocol jcs_v3 receipts made here with a key of our own: the projection, the decider proof, the canonical form.
import { createHash } from 'node:crypto';
import { canonicalizeJcs, generateKeyPair, type JsonObject, signBytes } from '@writ/crypto';
import { type ForeignReport, readForeignKeys, verifyForeign } from '@writ/interop';
import { describe, expect, it } from 'vitest';

const key = generateKeyPair();
const read = readForeignKeys(key.x);
const pinned = read.ok ? read.keys : [];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const jcs = (value: JsonObject) => Buffer.from(canonicalizeJcs(value));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const failed = (report: ForeignReport) => report.checks.filter(({ ok }) => !ok).map(({ code }) => code);
const verdict = (value: object, keys = pinned) => verifyForeign(JSON.stringify(value), keys).verdict;

describe('Permission Protocol jcs_v3', () => {
  const payload = (extra: JsonObject = {}): JsonObject => ({
    agentId: 'ops-agent',
    attributionConfidence: 'credentialed',
    canonicalization: 'jcs_v3',
    createdAt: '2026-10-06T11:02:00.000Z',
    deciderAuthMethod: 'session',
    deciderDisplay: 'somebody',
    deciderId: 'user:somebody',
    expiresAt: '2026-10-06T11:20:00.000Z',
    id: 'r1',
    publicProjectionJson: canonicalizeJcs({
      action: { operation: 'refund', tool: 'bank' },
      projection: 'execute/v1',
    }),
    receiptVersion: 3,
    requestCommitment: `sha256:${'ab'.repeat(32)}`,
    scope: 'production',
    signatureAlg: 'ed25519',
    signatureKeyId: 'k',
    status: 'APPROVED',
    ...extra,
  });
  const artifact = (signed: JsonObject, bytes = jcs(signed)) => ({
    artifact: {
      canonicalization: signed['canonicalization'],
      signed_payload_hash: hex(sha256(bytes)),
      signature_b64: b64(signBytes(key, sha256(bytes))),
      payload_bytes_b64: b64(bytes),
    },
  });
  const codes = (signed: JsonObject) => failed(verifyForeign(JSON.stringify(artifact(signed)), pinned));
  const projection = (value: JsonObject) => ({ publicProjectionJson: canonicalizeJcs(value) });
  const proof = {
    method: 'reauth',
    authTime: '2026-10-06T11:00:00.000Z',
    maxAgeMs: 300_000,
    verifiedAt: '2026-10-06T11:01:00.000Z',
  };

  it('is valid as signed, and says what it projects', () => {
    const report = verifyForeign(JSON.stringify(artifact(payload())), pinned);
    expect(failed(report)).toEqual([]);
    expect(report).toMatchObject({ verdict: 'VALID', says: { tool: 'bank', operation: 'refund' } });
  });

  it('a projection that shows more than its tag allows is against its own format', () => {
    const leaks = [
      { action: { parameters: { amount: 1 } }, projection: 'execute/v1' },
      { context: { environment: 'my laptop' }, projection: 'execute/v1' },
      { action: { tool: 'free text with spaces' }, projection: 'execute/v1' },
      { scope: { repo: 'a/b', visibility: 'private' }, projection: 'deploy_gate/v1' },
      { policy: { decision: { ruleId: 'r' } }, projection: 'deploy_gate/v2' },
    ];
    for (const leak of leaks) expect(codes(payload(projection(leak)))).toEqual(['WRIT-FGN-013']);
  });

  it('what a public repository or the first version of a tag may show is no leak', () => {
    const fine = [
      { scope: { repo: 'a/b', visibility: 'public' }, projection: 'deploy_gate/v1' },
      { policy: { decision: { ruleId: 'r' } }, projection: 'deploy_gate/v1' },
      {
        policyAuthorization: { recordedDecisions: [{ displayName: 'x' }, {}] },
        projection: 'deploy_gate/v2',
      },
    ];
    for (const one of fine) expect(codes(payload(projection(one)))).toEqual([]);
  });

  it('an unknown tag or canonicalization is undetermined, never tampered', () => {
    expect(codes(payload(projection({ projection: 'deploy_gate/v9' })))).toEqual(['WRIT-FGN-022']);
    expect(verdict(artifact(payload({ canonicalization: 'jcs_v4' })))).toBe('UNDETERMINED');
  });

  it('a decider proof goes with the signed method, in both directions and fresh', () => {
    const reauth = { deciderAuthMethod: 'session_reauth' };
    expect(codes(payload({ ...reauth, deciderProof: proof }))).toEqual([]);
    expect(codes(payload(reauth))).toEqual(['WRIT-FGN-013']);
    expect(codes(payload({ deciderProof: proof }))).toEqual(['WRIT-FGN-013']);
    expect(codes(payload({ ...reauth, deciderProof: { ...proof, maxAgeMs: 1 } }))).toEqual(['WRIT-FGN-013']);
    expect(codes(payload({ ...reauth, deciderProof: { ...proof, more: 1 } }))).toEqual(['WRIT-FGN-013']);
  });

  it('a field that the version does not sign, and a payload not in canonical order, are not canonical', () => {
    expect(codes(payload({ companyId: 'c' }))).toEqual(['WRIT-FGN-005']);
    const signed = payload();
    const loose = Buffer.from(JSON.stringify(signed, null, 1));
    expect(failed(verifyForeign(JSON.stringify(artifact(signed, loose)), pinned))).toEqual(['WRIT-FGN-005']);
  });

  it('a signature over the payload instead of its digest does not verify', () => {
    const { artifact: made } = artifact(payload());
    const wrong = { artifact: { ...made, signature_b64: b64(signBytes(key, jcs(payload()))) } };
    expect(failed(verifyForeign(JSON.stringify(wrong), pinned))).toEqual(['WRIT-FGN-006']);
  });
});
