// Public vectors of the foreign formats: each comes out as its authors expect. They stay where they are; when absent, the suite says so.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalizeJcs, type JsonObject, parseStrictJcs } from '@writ/crypto';
import { type ForeignKey, type ForeignReport, readForeignKeys, verifyForeign } from '@writ/interop';
import { describe, expect, it } from 'vitest';
import { agentReceiptCanonical, agentReceiptHash } from '../src/foreign/agent-receipts/receipt.js';
import { sha256Hex } from '../src/foreign/bytes.js';
import { emiliaDigest } from '../src/foreign/emilia/canonical.js';

const vectors = join(import.meta.dirname, '../../../../shared/vectors');
const present = existsSync(vectors);
if (!present)
  console.warn('SKIPPED: the public vectors are not at ../shared/vectors; this run shows no conformance');

const text = (path: string): string => readFileSync(join(vectors, path), 'utf8');
const read = (path: string) => {
  const parsed = parseStrictJcs(text(path), { maxBytes: 1 << 24, maxDepth: 256 });
  if (!parsed.ok) throw new Error(`${path}: ${parsed.reason}`);
  return parsed.value as never;
};
const pinned = (from: string): readonly ForeignKey[] => {
  const keys = readForeignKeys(from);
  if (!keys.ok) throw new Error(keys.reason);
  return keys.keys;
};
const failed = (report: ForeignReport) => report.checks.filter(({ ok }) => !ok).map(({ code }) => code);

describe.skipIf(!present)('Permission Protocol: 4 of 4', () => {
  const folder = 'permission-protocol';
  const verify = (name: string) =>
    verifyForeign(text(`${folder}/${name}`), pinned(text(`${folder}/keys.json`)));

  it.each([
    ['approve-human-execute-lane-refund.json', 'APPROVED', 'user:usr_vec_alice_00000001'],
    ['approve-policy-execute-lane.json', 'APPROVED', 'system/pp-permission-router'],
    ['deny-kill-switch-execute-lane.json', 'DENIED', 'system/pp-permission-router'],
  ])('%s is valid and says %s by %s', (name, decision, decider) => {
    const report = verify(name);
    expect(failed(report)).toEqual([]);
    expect(report).toMatchObject({
      format: 'permission-protocol',
      verdict: 'VALID',
      says: { decision, decidedBy: [decider] },
      signer: { trust: 'pinned', keyId: 'pp-test-2026-q2' },
    });
  });

  it('a kill switch denial carries its reasons and no policy', () => {
    const { says } = verify('deny-kill-switch-execute-lane.json');
    expect(says.reasons).toEqual(['GLOBAL_FREEZE_ACTIVE', 'KILL_SWITCH_DENIAL_TERMINAL']);
    expect(says.policy).toBeUndefined();
  });

  it('the tampered receipt fails as a signature error and not as a hash error', () => {
    const report = verify('tampered-approve-human-deploy-gate.json');
    expect(report.verdict).toBe('INVALID');
    expect(failed(report)).toEqual(['WRIT-FGN-006']);
  });

  it('a receipt whose unsigned status says the opposite of the signed one is invalid', () => {
    const name = `${folder}/deny-kill-switch-execute-lane.json`;
    const turned = text(name).replace(
      '"status": "DENIED",\n    "receipt_version"',
      '"status": "APPROVED",\n    "receipt_version"',
    );
    expect(turned).not.toBe(text(name));
    const report = verifyForeign(turned, pinned(text(`${folder}/keys.json`)));
    expect(failed(report)).toEqual(['WRIT-FGN-008']);
  });

  it('every one of them is undetermined without a pinned key, and invalid under a revoked one', () => {
    const revoked = pinned(text(`${folder}/keys.json`).replace('"active"', '"revoked"'));
    const valid = text(`${folder}/approve-policy-execute-lane.json`);
    expect(verifyForeign(valid, []).verdict).toBe('UNDETERMINED');
    expect(failed(verifyForeign(valid, revoked))).toEqual(['WRIT-FGN-007']);
  });
});

describe.skipIf(!present)('Agent Receipts', () => {
  type Canonical = {
    readonly name: string;
    readonly input: never;
    readonly canonical: string;
    readonly expectedHash?: string;
  };
  type Hash = {
    readonly name: string;
    readonly receipt?: JsonObject;
    readonly expectedHash?: string;
    readonly mustContainSubstring?: string;
  };
  const canonical = present
    ? (read('agent-receipts/canonicalization_vectors.json') as {
        canonicalization_vectors: Canonical[];
        receipt_hash_vectors: Hash[];
      })
    : undefined;
  const malformed = present
    ? (read('agent-receipts/malformed_vectors.json') as {
        keys: { publicKey: string };
        receipts: { name: string; receipt: JsonObject }[];
        chains: { name: string; receipts: JsonObject[] }[];
      })
    : undefined;

  it('gives the canonical text of 32 of 32 values, and the hash where there is one', () => {
    const all = canonical?.canonicalization_vectors ?? [];
    expect(all).toHaveLength(32);
    for (const { name, input, canonical: expected, expectedHash } of all) {
      expect(canonicalizeJcs(input), name).toBe(expected);
      if (expectedHash !== undefined)
        expect(`sha256:${sha256Hex(canonicalizeJcs(input))}`, name).toBe(expectedHash);
    }
  });

  it('gives the hash of 10 of 11 receipts; the eleventh names files that are not here', () => {
    const all = canonical?.receipt_hash_vectors ?? [];
    const usable = all.filter(({ receipt }) => receipt !== undefined);
    expect([all.length, usable.length]).toEqual([11, 10]);
    const baseline = usable.find(({ name }) => name === 'receipt_all_optional_absent')?.expectedHash;
    for (const { name, receipt, expectedHash, mustContainSubstring } of usable) {
      const expected = expectedHash?.startsWith('SAME_AS') ? baseline : expectedHash;
      expect(agentReceiptHash(receipt as JsonObject), name).toBe(expected);
      expect(agentReceiptCanonical(receipt as JsonObject), name).toContain(mustContainSubstring ?? '');
    }
  });

  it.each([
    ['wrong_proof_type', 'WRIT-FGN-009'],
    ['mutated_action_type', 'WRIT-FGN-006'],
    ['mutated_principal_id', 'WRIT-FGN-006'],
    ['truncated_proof_value', 'WRIT-FGN-006'],
    ['wrong_multibase_prefix', 'WRIT-FGN-006'],
    ['flipped_proof_byte', 'WRIT-FGN-006'],
  ])('the malformed receipt %s is invalid for that reason alone', (wanted, code) => {
    const found = malformed?.receipts.find(({ name }) => name === wanted);
    const report = verifyForeign(JSON.stringify(found?.receipt), pinned(malformed?.keys.publicKey ?? ''));
    expect(report.verdict).toBe('INVALID');
    expect(failed(report)).toEqual([code]);
  });

  it('there are 6 of them, and the proof type mended, the first is valid', () => {
    expect(malformed?.receipts).toHaveLength(6);
    const first = JSON.stringify(malformed?.receipts[0]?.receipt).replace(
      'RsaSignature2018',
      'Ed25519Signature2020',
    );
    expect(verifyForeign(first, pinned(malformed?.keys.publicKey ?? '')).verdict).toBe('VALID');
  });

  it('the chain with a missing link is invalid: the link and the signature over it', () => {
    expect(malformed?.chains).toHaveLength(1);
    const receipts = malformed?.chains[0]?.receipts ?? [];
    const report = verifyForeign(JSON.stringify(receipts), pinned(malformed?.keys.publicKey ?? ''));
    expect(report.verdict).toBe('INVALID');
    expect(new Set(failed(report))).toEqual(new Set(['WRIT-FGN-006', 'WRIT-FGN-010']));
  });
});

/** The rule that each bad quorum breaks. */
const BROKEN: { readonly [id: string]: string } = {
  reject_unknown_policy_mode: 'form',
  reject_cross_origin_ceremony: 'signatures',
  reject_under_threshold: 'threshold',
  reject_duplicate_human: 'distinct people',
  reject_out_of_order: 'order',
  reject_action_mismatch: 'action',
  reject_expired_window: 'window',
  reject_one_bad_signature: 'signatures',
  reject_wrong_role: 'roles',
  reject_broken_chain: 'chain',
  reject_duplicate_key: 'distinct keys',
  reject_initiator_is_approver: 'initiator',
  reject_distinct_humans_false_shared_key: 'distinct keys',
};

describe.skipIf(!present)('EMILIA Protocol', () => {
  type Canonical = {
    readonly id: string;
    readonly expect: { readonly valid: boolean };
    readonly canonicalization: { readonly input_json: string; readonly expected_digest?: string };
  };
  type Quorum = {
    readonly id: string;
    readonly expect: { readonly valid: boolean };
    readonly quorum: { readonly members: readonly { readonly approver_public_key: string }[] };
  };
  const load = <T>(name: string): readonly T[] =>
    present ? (read(`emilia-protocol/${name}`) as { vectors: T[] }).vectors : [];
  const quorums = load<Quorum>('quorum.v1.json');
  const keysOf = ({ quorum }: Quorum) =>
    pinned(quorum.members.map((member) => member.approver_public_key).join('\n'));

  it('gives the digest of, or refuses, 35 of 35 texts', () => {
    const all = load<Canonical>('canonicalization.v1.json');
    expect(all).toHaveLength(35);
    for (const {
      id,
      expect: { valid },
      canonicalization,
    } of all) {
      const digest = emiliaDigest(canonicalization.input_json);
      expect(digest !== undefined, id).toBe(valid);
      if (valid) expect(digest, id).toBe(canonicalization.expected_digest);
    }
  });

  it('there are 16 quorums, 3 of them good', () => {
    expect([quorums.length, quorums.filter(({ expect: { valid } }) => valid).length]).toEqual([16, 3]);
  });

  it.each(quorums.map((vector) => [vector.id, vector] as const))(
    '%s comes out as expected and for its reason',
    (id, vector) => {
      const report = verifyForeign(JSON.stringify(vector.quorum), keysOf(vector));
      expect(report.format).toBe('emilia-quorum');
      expect(report.verdict, JSON.stringify(failed(report))).toBe(vector.expect.valid ? 'VALID' : 'INVALID');
      const names = report.checks.filter(({ ok }) => !ok).map(({ name }) => name);
      expect(names).toEqual(vector.expect.valid ? [] : expect.arrayContaining([BROKEN[id]]));
    },
  );

  it('a good quorum under keys that it brings itself is undetermined, a bad one invalid', () => {
    for (const vector of quorums) {
      const { verdict } = verifyForeign(JSON.stringify(vector.quorum), []);
      expect(verdict, vector.id).toBe(vector.expect.valid ? 'UNDETERMINED' : 'INVALID');
    }
  });
});

describe.skipIf(!present)('RFC 8785', () => {
  it('gives the bytes of 6 of 6 cases, fractions and exponents included', () => {
    const names = present ? readdirSync(join(vectors, 'json-canonicalization/input')) : [];
    expect(names).toHaveLength(6);
    for (const name of names) {
      const value = read(`json-canonicalization/input/${name}`);
      expect(canonicalizeJcs(value), name).toBe(text(`json-canonicalization/output/${name}`));
    }
  });
});
