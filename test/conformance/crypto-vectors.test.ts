// Public vectors of others: Ed25519 verdicts and canonical forms. The vectors stay where they are; absent, the suite says so.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalize, canonicalizeJcs, importPublic, parseStrict, sha256, toBase64url, verifyStrict, verifyTweetnacl } from '@writ/crypto';
import { describe, expect, it } from 'vitest';

const vectors = join(import.meta.dirname, '../../../shared/vectors');
const present = existsSync(vectors);
if (!present) console.warn('SKIPPED: the public vectors are not at ../shared/vectors; conformance is not shown by this run');

const json = (path: string) => JSON.parse(readFileSync(join(vectors, path), 'utf8'));

type WycheproofTest = { tcId: number; msg: string; sig: string; result: 'valid' | 'invalid' };
type WycheproofGroup = { publicKey: { pk: string }; tests: WycheproofTest[] };

const verdicts = () =>
  (json('wycheproof/ed25519_test.json').testGroups as WycheproofGroup[]).flatMap((group) => {
    const raw = Buffer.from(group.publicKey.pk, 'hex');
    return group.tests.map((test) => {
      const message = Buffer.from(test.msg, 'hex');
      const signature = Buffer.from(test.sig, 'hex');
      return {
        id: test.tcId,
        expected: test.result === 'valid',
        node: verifyStrict(importPublic(toBase64url(raw)), message, signature),
        tweetnacl: verifyTweetnacl(raw, message, signature),
      };
    });
  });

describe.skipIf(!present)('public vectors', () => {
  it('gives the expected verdict on 151 of 151 Wycheproof Ed25519 tests, and tweetnacl behind the pre-check agrees', () => {
    const all = verdicts();
    expect(all).toHaveLength(151);
    expect(all.filter((v) => v.node !== v.expected)).toEqual([]);
    expect(all.filter((v) => v.tweetnacl !== v.expected)).toEqual([]);
  });

  it('canonicalises 6 of 6 RFC 8785 inputs to the very bytes', () => {
    const files = readdirSync(join(vectors, 'json-canonicalization/input'));
    expect(files).toHaveLength(6);
    for (const file of files) {
      const expected = readFileSync(join(vectors, 'json-canonicalization/output', file));
      const made = Buffer.from(canonicalizeJcs(json(`json-canonicalization/input/${file}`)));
      expect(made.equals(expected), file).toBe(true);
      const hex = readFileSync(join(vectors, 'json-canonicalization/outhex', file.replace('.json', '.txt')), 'utf8');
      expect(made.toString('hex'), file).toBe(hex.replaceAll(/\s/g, ''));
    }
  });

  it('canonicalises 32 of 32 agent-receipts vectors', () => {
    const cases = json('agent-receipts/canonicalization_vectors.json').canonicalization_vectors;
    expect(cases).toHaveLength(32);
    for (const { name, input, canonical } of cases) expect(canonicalizeJcs(input), name).toBe(canonical);
  });

  it('agrees on 35 of 35 EMILIA canonicalisation vectors, with their 13 rejections', () => {
    const cases = json('emilia-protocol/canonicalization.v1.json').vectors;
    expect(cases).toHaveLength(35);
    let rejected = 0;
    for (const { id, expect: expected, canonicalization } of cases) {
      const parsed = parseStrict(canonicalization.input_json, { maxDepth: 64 });
      expect(parsed.ok, id).toBe(expected.valid);
      if (!parsed.ok) rejected += 1;
      else {
        const hex = Buffer.from(sha256(canonicalize(parsed.value as object)), 'base64url').toString('hex');
        expect(hex, id).toBe(canonicalization.expected_digest);
      }
    }
    expect(rejected).toBe(13);
  });
});
