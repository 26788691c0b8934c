// Foreign receipts made here with keys of our own: what is valid, what is undetermined, and that any change shows.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { canonicalizeJcs, generateKeyPair, type JsonObject, pae, signBytes, toBase64url } from '@writ/crypto';
import {
  type ForeignKey,
  type ForeignReport,
  readForeignKeys,
  recognise,
  verifyForeign,
} from '@writ/interop';
import { describe, expect, it } from 'vitest';
import { fromBase58 } from '../src/foreign/bytes.js';

const key = generateKeyPair();
const other = generateKeyPair();
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const jcs = (value: JsonObject) => Buffer.from(canonicalizeJcs(value));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

const pin = (...texts: readonly string[]): readonly ForeignKey[] => {
  const read = readForeignKeys(texts.join('\n'));
  if (!read.ok) throw new Error(read.reason);
  return read.keys;
};
const pinned = pin(key.x);
const failed = (report: ForeignReport) => report.checks.filter(({ ok }) => !ok).map(({ code }) => code);
const verdict = (value: object, keys = pinned) => verifyForeign(JSON.stringify(value), keys).verdict;

const passport = (payload: JsonObject, extra: object = {}) => ({
  payload,
  signature: { alg: 'EdDSA', kid: 'sb:issuer:1', sig: hex(signBytes(key, jcs(payload))), ...extra },
});
const v2 = (body: JsonObject) => ({ ...body, signature: hex(signBytes(key, jcs(body))) });

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const base58 = (bytes: Uint8Array): string => {
  let n = BigInt(`0x${hex(bytes)}`);
  let out = '';
  for (; n > 0n; n /= 58n) out = BASE58[Number(n % 58n)] + out;
  return out;
};
const did = `did:key:z${base58(Buffer.concat([Buffer.from([0xed, 0x01]), key.raw]))}`;

describe('ScopeBlind, Acta and APS', () => {
  const claims = {
    decision: 'allow',
    tool: 'http.get',
    amount: 0.5,
    agent_id: 'a',
    previousReceiptHash: null,
  };

  it('all three envelopes are valid under a pinned key, with fractions in them', () => {
    const flat = v2({ v: 1, type: 'decision', timestamp: '2026-01-01T00:00:00Z', ...claims });
    const nested = v2({ v: 2, type: 'decision_receipt', algorithm: 'ed25519', kid: 'k', payload: claims });
    expect([passport(claims), nested, flat].map((receipt) => verdict(receipt))).toEqual([
      'VALID',
      'VALID',
      'VALID',
    ]);
  });

  it('a changed member, a changed signature and another key are invalid', () => {
    const receipt = passport(claims);
    expect(verdict({ ...receipt, payload: { ...claims, decision: 'deny' } })).toBe('INVALID');
    expect(verdict(passport(claims, { sig: '00'.repeat(64) }))).toBe('INVALID');
    expect(verdict(receipt, pin(other.x))).toBe('INVALID');
  });

  it('a key that the receipt brings is never enough, wherever it stands', () => {
    const inside = passport({ ...claims, public_key: hex(key.raw) });
    const inName = passport(claims, { kid: did });
    for (const receipt of [inside, inName]) {
      const report = verifyForeign(JSON.stringify(receipt), []);
      expect(report.verdict).toBe('UNDETERMINED');
      expect(failed(report)).toEqual(['WRIT-FGN-020']);
      expect(report.signer?.trust).toBe('self-asserted');
      expect(verdict(receipt)).toBe('VALID');
    }
    expect(verdict({ ...inside, payload: { ...inside.payload, tool: 'other' } }, [])).toBe('INVALID');
  });

  it('the form of APS, without members that are null, is accepted and said so', () => {
    const { previousReceiptHash: _, ...sparse } = claims;
    const receipt = { ...passport(sparse), payload: claims };
    const report = verifyForeign(JSON.stringify(receipt), pinned);
    expect(report.verdict).toBe('VALID');
    expect(report.checks.map(({ reason }) => reason).join()).toContain('null are not covered');
  });

  it('a post-quantum or unknown algorithm is undetermined', () => {
    expect(verdict(passport(claims, { alg: 'ML-DSA-65' }))).toBe('UNDETERMINED');
  });
});

describe('EMILIA receipts', () => {
  const receipt = (payload: JsonObject, extra: object = {}) => ({
    '@version': 'EP-RECEIPT-v1',
    payload,
    signature: { algorithm: 'Ed25519', value: toBase64url(signBytes(key, jcs(payload))) },
    ...extra,
  });
  const payload = { receipt_id: 'tr_1', issuer: 'ep:demo', context: { amount: 82_000 } };
  const leaf = hex(sha256(Buffer.concat([Buffer.from([0]), jcs(payload)])));
  const sibling = 'cd'.repeat(32);
  const root = hex(sha256(Buffer.concat([Buffer.from([1]), Buffer.from(leaf + sibling)])));
  const anchor = {
    alg: 'EP-MERKLE-v2',
    leaf_hash: leaf,
    merkle_proof: [{ hash: sibling, position: 'right' }],
    merkle_root: root,
  };

  it('is valid with and without an anchor that is bound to it', () => {
    expect(verdict(receipt(payload))).toBe('VALID');
    expect(verdict(receipt(payload, { anchor }))).toBe('VALID');
  });

  it('an anchor of another receipt, of the old kind, or to another root is invalid', () => {
    const codesOf = (one: object) => failed(verifyForeign(JSON.stringify(one), pinned));
    expect(codesOf(receipt({ ...payload, issuer: 'x' }, { anchor }))).toEqual(['WRIT-FGN-011']);
    expect(codesOf(receipt(payload, { anchor: { ...anchor, alg: undefined } }))).toEqual(['WRIT-FGN-011']);
    expect(codesOf(receipt(payload, { anchor: { ...anchor, merkle_root: sibling } }))).toEqual([
      'WRIT-FGN-011',
    ]);
  });

  it('a fraction in signed material, no signature, and a change are invalid; another version is undetermined', () => {
    expect(verdict(receipt({ amount: 1.5 }))).toBe('INVALID');
    expect(verdict({ ...receipt(payload), signature: { algorithm: 'Ed25519' } })).toBe('INVALID');
    expect(verdict({ ...receipt(payload), payload: { ...payload, issuer: 'x' } })).toBe('INVALID');
    expect(verdict({ ...receipt(payload), '@version': 'EP-RECEIPT-v2' })).toBe('UNDETERMINED');
  });
});

describe('DSSE and in-toto', () => {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'a', digest: { sha256: 'ab'.repeat(32) } }],
    predicateType: 'https://example.org/p',
    predicate: {},
  };
  const type = 'application/vnd.in-toto+json';
  const envelope = (body: object, sig: (message: Uint8Array) => Uint8Array, payloadType = type) => {
    const bytes = Buffer.from(JSON.stringify(body));
    return {
      payloadType,
      payload: b64(bytes),
      signatures: [{ keyid: 'k', sig: b64(sig(pae(payloadType, bytes))) }],
    };
  };
  const byUs = (message: Uint8Array) => signBytes(key, message);

  it('a statement is valid under Ed25519 and under P-256', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ecKeys = pin(ec.publicKey.export({ type: 'spki', format: 'pem' }).toString());
    expect(verdict(envelope(statement, byUs))).toBe('VALID');
    expect(
      verdict(
        envelope(statement, (message) => sign('sha256', message, ec.privateKey)),
        ecKeys,
      ),
    ).toBe('VALID');
  });

  it('one good signature is enough; a changed payload or type, and a signature without the encoding, are not', () => {
    const good = envelope(statement, byUs);
    const two = { ...good, signatures: [{ keyid: 'x', sig: b64(Buffer.alloc(64)) }, ...good.signatures] };
    expect(verdict(two)).toBe('VALID');
    expect(verdict({ ...good, payloadType: 'text/plain' })).toBe('INVALID');
    expect(
      verdict({ ...good, payload: b64(Buffer.from(JSON.stringify({ ...statement, subject: [] }))) }),
    ).toBe('INVALID');
    expect(verdict(envelope(statement, () => signBytes(key, Buffer.from(JSON.stringify(statement)))))).toBe(
      'INVALID',
    );
  });

  it('a statement without subjects or digests is malformed; another payload type has no statement', () => {
    expect(verdict(envelope({ ...statement, subject: [{ name: 'a' }] }, byUs))).toBe('INVALID');
    expect(verdict(envelope({ any: 1 }, byUs, 'text/x'))).toBe('VALID');
    expect(verdict(envelope(statement, byUs), [])).toBe('UNDETERMINED');
  });
});

describe('keys and files', () => {
  it('one key in every spelling has one fingerprint', () => {
    const spki = key.keyObject.export({ type: 'spki', format: 'der' });
    const pem = key.keyObject.export({ type: 'spki', format: 'pem' }).toString();
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.x };
    const spellings = [
      key.x,
      b64(key.raw),
      hex(key.raw),
      b64(spki),
      toBase64url(spki),
      pem,
      did,
      JSON.stringify(jwk),
      JSON.stringify({ keys: [jwk] }),
      JSON.stringify({
        keys: [{ key_id: 'k', alg: 'ed25519', public_key_b64: b64(key.raw), status: 'active' }],
      }),
      JSON.stringify({ kid: 'k', publicKeyHex: hex(key.raw) }),
    ];
    const prints = spellings.map((text) => pin(text)[0]?.fingerprint);
    expect(new Set(prints).size).toBe(1);
  });

  it('a private key, no key, a small-order point and one bad entry among good ones are refused', () => {
    const secret = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const text of [
      secret,
      '',
      '-----BEGIN X',
      hex(new Uint8Array(32)),
      `${key.x}\nnonsense`,
      '{"kty":"RSA"}',
    ]) {
      expect(readForeignKeys(text).ok).toBe(false);
    }
  });

  it('a named key is only tried where it is named', () => {
    const jwk = (kid: string) => pin(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: key.x, kid }));
    const receipt = passport({ decision: 'allow' });
    expect(verdict(receipt, jwk('sb:issuer:1'))).toBe('VALID');
    expect(verdict(receipt, jwk('somebody else'))).toBe('UNDETERMINED');
  });

  it('base58 keeps leading zeros and refuses other characters', () => {
    expect(fromBase58('11z')).toEqual(Buffer.from([0, 0, 57]));
    expect(fromBase58('0OIl')).toBeUndefined();
  });

  it('several receipts on lines of their own are each verified; one bad one spoils the file', () => {
    const good = JSON.stringify(passport({ decision: 'allow' }));
    const bad = good.replace('allow', 'deny');
    expect(verifyForeign(`${good}\n${good}\n`, pinned)).toMatchObject({
      verdict: 'VALID',
      says: { count: 2 },
    });
    const report = verifyForeign(`${good}\n${bad}\n`, pinned);
    expect(report).toMatchObject({ verdict: 'INVALID', checks: [{ name: 'receipt 2: signature' }] });
    expect(failed(verifyForeign(`${good}\n{"other":1}\n`, pinned))).toEqual(['WRIT-FGN-002']);
  });

  it('a number that a double does not hold is refused, a fraction or an exponent is read', () => {
    const withNumber = (number: string) =>
      `{"payload":{"n":${number}},"signature":{"alg":"EdDSA","sig":"00"}}`;
    const codes = (number: string) => failed(verifyForeign(withNumber(number), pinned));
    expect(['9007199254740993', '1e400', '01', '1.'].map(codes)).toEqual(Array(4).fill(['WRIT-FGN-001']));
    expect(['9007199254740992', '0.1', '1e-7'].map(codes)).toEqual(Array(3).fill(['WRIT-FGN-006']));
  });

  it('text that reads in two ways is refused, unknown forms are undetermined, a frame of ours is none of them', () => {
    const twice = JSON.stringify(passport({ decision: 'allow' })).replace(
      '"decision"',
      '"decision":"deny","decision"',
    );
    expect(failed(verifyForeign(twice, pinned))).toEqual(['WRIT-FGN-001']);
    expect(failed(verifyForeign('{}', pinned))).toEqual(['WRIT-FGN-002']);
    expect(recognise({ kid: 'k', sig: 's', signed: {} })).toBeUndefined();
  });
});
