// Attacks on the signature scheme itself: each first works on an unguarded library, then fails behind the pre-check.
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import {
  generateKeyPair,
  isSmallOrder,
  keyPairFromSeed,
  type PublicKey,
  precheck,
  signBytes,
  thumbprint,
  toBase64url,
  verifyStrict,
  verifyStrictAsync,
  verifyTweetnacl,
} from '@writ/crypto';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { challenge, fromLittleEndian, L, littleEndian, scalarOf, smallOrderEncodings } from './edwards.js';

const message = Buffer.from('drop table orders');
const join = (r: Uint8Array, s: Uint8Array): Uint8Array => Buffer.concat([r, s]);
const IDENTITY = Buffer.from(littleEndian(1n));

/** A key as importPublic would refuse to make it. */
const unchecked = (raw: Uint8Array): PublicKey => {
  const x = toBase64url(raw);
  return {
    x,
    raw,
    kid: thumbprint(x),
    keyObject: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
  };
};

describe('the pre-check', () => {
  it('refuses exactly the 14 encodings of small order, as derived from the curve', () => {
    const encodings = [...smallOrderEncodings()];
    expect(encodings).toHaveLength(14);
    for (const hex of encodings) {
      const point = Buffer.from(hex, 'hex');
      expect(isSmallOrder(point), hex).toBe(true);
      for (let bit = 0; bit < 255; bit++) {
        const near = Uint8Array.from(point);
        near[bit >> 3] = (near[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(isSmallOrder(near)).toBe(encodings.includes(Buffer.from(near).toString('hex')));
      }
    }
  });

  it('names what is wrong, and lets no honest signature down', () => {
    const key = generateKeyPair();
    const signature = signBytes(key, message);
    const r = signature.subarray(0, 32);
    expect(precheck(signature, key.raw)).toBeUndefined();
    expect(precheck(signature.subarray(1), key.raw)).toBe('signature-length');
    expect(precheck(join(signature, IDENTITY), key.raw)).toBe('signature-length');
    expect(precheck(signature, key.raw.subarray(1))).toBe('key-length');
    expect(precheck(join(r, littleEndian(L)), key.raw)).toBe('s-not-reduced');
    expect(precheck(join(r, littleEndian(L - 1n)), key.raw)).toBeUndefined();
    expect(precheck(join(r, littleEndian(L + 1n)), key.raw)).toBe('s-not-reduced');
    expect(precheck(join(r, littleEndian(2n ** 256n - 1n)), key.raw)).toBe('s-not-reduced');
    expect(precheck(join(IDENTITY, littleEndian(0n)), key.raw)).toBe('small-order-r');
    expect(precheck(signature, IDENTITY)).toBe('small-order-a');
  });
});

describe('strict verification', () => {
  it('refuses S + L, which tweetnacl alone accepts', () => {
    for (let n = 0; n < 5; n++) {
      const key = generateKeyPair();
      const signature = signBytes(key, message);
      const moved = join(
        signature.subarray(0, 32),
        littleEndian(fromLittleEndian(signature.subarray(32)) + L),
      );
      expect(nacl.sign.detached.verify(message, moved, key.raw)).toBe(true);
      expect(verifyTweetnacl(key.raw, message, moved)).toBe(false);
      expect(verifyStrict(key, message, moved)).toBe(false);
    }
  });

  it('refuses a key of small order, under which node:crypto alone accepts one signature for every message', async () => {
    const forged = join(IDENTITY, littleEndian(0n));
    const key = unchecked(IDENTITY);
    for (const text of ['a', 'b']) {
      expect(verify(null, Buffer.from(text), key.keyObject, forged)).toBe(true);
      expect(nacl.sign.detached.verify(Buffer.from(text), forged, IDENTITY)).toBe(true);
      expect(verifyStrict(key, Buffer.from(text), forged)).toBe(false);
      expect(await verifyStrictAsync(key, Buffer.from(text), forged)).toBe(false);
      expect(verifyTweetnacl(IDENTITY, Buffer.from(text), forged)).toBe(false);
    }
  });

  it('refuses R of small order under an honest key, which node:crypto alone accepts', () => {
    const seed = randomBytes(32);
    const key = keyPairFromSeed(seed);
    const s = (challenge(IDENTITY, key.raw, message) * scalarOf(seed)) % L;
    const crafted = join(IDENTITY, littleEndian(s));
    expect(verify(null, message, key.keyObject, crafted)).toBe(true);
    expect(verifyStrict(key, message, crafted)).toBe(false);
    expect(verifyTweetnacl(key.raw, message, crafted)).toBe(false);
  });
});
