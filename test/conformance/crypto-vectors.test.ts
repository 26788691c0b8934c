// Public vectors of others: Ed25519 verdicts and canonical forms. They stay where they are; when absent, the suite says so.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalize,
  canonicalizeJcs,
  importPublic,
  parseCanonical,
  parseStrict,
  sha256,
  toBase64url,
  verifyStrict,
  verifyStrictAsync,
  verifyTweetnacl,
} from '@writ/crypto';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';

const vectors = join(import.meta.dirname, '../../../shared/vectors');
const present = existsSync(vectors);
if (!present)
  console.warn('SKIPPED: the public vectors are not at ../shared/vectors; this run shows no conformance');

const json = (path: string) => JSON.parse(readFileSync(join(vectors, path), 'utf8'));

type Group = {
  readonly publicKey: { readonly pk: string };
  readonly tests: readonly {
    readonly tcId: number;
    readonly msg: string;
    readonly sig: string;
    readonly result: string;
  }[];
};

const signatures = () =>
  (json('wycheproof/ed25519_test.json').testGroups as Group[]).flatMap(({ publicKey, tests }) => {
    const raw = Buffer.from(publicKey.pk, 'hex');
    return tests.map((test) => ({
      id: test.tcId,
      raw,
      key: importPublic(toBase64url(raw)),
      message: Buffer.from(test.msg, 'hex'),
      signature: Buffer.from(test.sig, 'hex'),
      valid: test.result === 'valid',
    }));
  });

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const plusOrder = (signature: Uint8Array): Uint8Array => {
  const hex = Buffer.from(signature.subarray(32)).reverse().toString('hex');
  const moved = (BigInt(`0x${hex}`) + ORDER).toString(16).padStart(64, '0');
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(moved, 'hex').reverse()]);
};

describe.skipIf(!present)('Wycheproof Ed25519', () => {
  it('gives the expected verdict on 151 of 151, 88 valid and 63 not, in every implementation', async () => {
    const all = signatures();
    const ids = (verdicts: readonly boolean[]) =>
      all.filter((v, i) => verdicts[i] !== v.valid).map((v) => v.id);
    expect(all).toHaveLength(151);
    expect(all.filter((v) => v.valid)).toHaveLength(88);
    expect(ids(all.map((v) => verifyStrict(v.key, v.message, v.signature)))).toEqual([]);
    expect(ids(await Promise.all(all.map((v) => verifyStrictAsync(v.key, v.message, v.signature))))).toEqual(
      [],
    );
    expect(ids(all.map((v) => verifyTweetnacl(v.raw, v.message, v.signature)))).toEqual([]);
  });

  it('needs the pre-check: tweetnacl alone is wrong on 5 of the 151', () => {
    const alone = signatures().filter(
      (v) =>
        v.signature.length === 64 && nacl.sign.detached.verify(v.message, v.signature, v.raw) !== v.valid,
    );
    expect(alone).toHaveLength(5);
  });

  it('refuses all 88 valid signatures when L is added to S', () => {
    const moved = signatures()
      .filter((v) => v.valid)
      .map((v) => ({ ...v, signature: plusOrder(v.signature) }));
    expect(moved).toHaveLength(88);
    expect(moved.filter((v) => verifyStrict(v.key, v.message, v.signature))).toEqual([]);
    expect(moved.filter((v) => verifyTweetnacl(v.raw, v.message, v.signature))).toEqual([]);
  });
});

describe.skipIf(!present)('RFC 8785', () => {
  it('canonicalises 6 of 6 inputs to the very bytes', () => {
    const files = readdirSync(join(vectors, 'json-canonicalization/input'));
    expect(files).toHaveLength(6);
    for (const file of files) {
      const expected = readFileSync(join(vectors, 'json-canonicalization/output', file));
      const made = Buffer.from(canonicalizeJcs(json(`json-canonicalization/input/${file}`)));
      expect(made.equals(expected), file).toBe(true);
      const hex = readFileSync(
        join(vectors, 'json-canonicalization/outhex', file.replace('.json', '.txt')),
        'utf8',
      );
      expect(made.toString('hex'), file).toBe(hex.replaceAll(/\s/g, ''));
    }
  });

  it('reads the canonical outputs as canonical, except the one with fractions, which the house form forbids', () => {
    const files = readdirSync(join(vectors, 'json-canonicalization/output'));
    const refused = files.filter(
      (file) => !parseCanonical(readFileSync(join(vectors, 'json-canonicalization/output', file))).ok,
    );
    expect(refused).toEqual(['values.json']);
  });
});

describe.skipIf(!present)('agent-receipts canonicalisation', () => {
  it('agrees on 32 of 32', () => {
    const cases = json('agent-receipts/canonicalization_vectors.json').canonicalization_vectors;
    expect(cases).toHaveLength(32);
    for (const { name, input, canonical } of cases) expect(canonicalizeJcs(input), name).toBe(canonical);
  });
});

describe.skipIf(!present)('EMILIA canonicalisation', () => {
  const cases = () => json('emilia-protocol/canonicalization.v1.json').vectors;

  it('agrees on 35 of 35, with their 13 rejections', () => {
    expect(cases()).toHaveLength(35);
    const rejected = cases().filter(({ id, expect: expected, canonicalization }: ReturnType<typeof json>) => {
      const parsed = parseStrict(canonicalization.input_json, { maxDepth: 64 });
      expect(parsed.ok, id).toBe(expected.valid);
      if (!parsed.ok) return true;
      const digest = Buffer.from(sha256(canonicalize(parsed.value)), 'base64url').toString('hex');
      expect(digest, id).toBe(canonicalization.expected_digest);
      return false;
    });
    expect(rejected).toHaveLength(13);
  });

  it('has 13 must-reject texts, none of which is read as canonical either', () => {
    const texts = cases().filter((v: ReturnType<typeof json>) => !v.expect.valid);
    expect(texts).toHaveLength(13);
    for (const { id, canonicalization } of texts) {
      expect(parseCanonical(canonicalization.input_json, { maxDepth: 64 }).ok, id).toBe(false);
    }
  });
});
