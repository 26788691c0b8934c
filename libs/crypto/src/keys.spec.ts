import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { exportPrivateJwk, importPrivateJwk } from './jwk.js';
import { generateKeyPair, importPublic, KeyError, keyPairFromSeed, thumbprint } from './keys.js';
import { signBytes, signBytesAsync, verifyStrict, verifyStrictAsync } from './strict.js';

// RFC 8032 §7.1 TEST 1; the thumbprint of the same key is in RFC 8037 A.3.
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const X = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
const KID = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
const SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';

describe('keys', () => {
  it('derives public half, key id and signature of the RFC 8032 test key', () => {
    const pair = keyPairFromSeed(SEED);
    expect(pair.x).toBe(X);
    expect(pair.kid).toBe(KID);
    expect(thumbprint(X)).toBe(KID);
    expect(Buffer.from(signBytes(pair, new Uint8Array())).toString('hex')).toBe(SIGNATURE);
  });

  it('signs and verifies alike in both forms', async () => {
    const pair = generateKeyPair();
    const message = Buffer.from('message');
    const signature = await signBytesAsync(pair, message);
    expect(signature).toEqual(signBytes(pair, message));
    expect(verifyStrict(pair, message, signature)).toBe(true);
    expect(await verifyStrictAsync(pair, message, signature)).toBe(true);
    const other = generateKeyPair();
    expect(verifyStrict(other, message, signature)).toBe(false);
    expect(await verifyStrictAsync(other, message, signature)).toBe(false);
    expect(await verifyStrictAsync(pair, message, signature.subarray(1))).toBe(false);
  });

  it('gives the same object for the same key, so that importing per message is cheap', () => {
    expect(importPublic(X)).toBe(importPublic(X));
    expect(importPublic(X).raw).toHaveLength(32);
  });

  it.each([
    ['another spelling of the last character', `${X.slice(0, -1)}p`],
    ['31 bytes', Buffer.alloc(31, 7).toString('base64url')],
    ['33 bytes', Buffer.alloc(33, 7).toString('base64url')],
    ['padding', `${X}=`],
    ['a point of small order', `AQ${'A'.repeat(41)}`],
    ['nothing', ''],
  ])('refuses %s as a public key', (_, x) => {
    expect(() => importPublic(x)).toThrow(KeyError);
  });

  it('takes a private JWK there and back', () => {
    const pair = generateKeyPair();
    const jwk = exportPrivateJwk(pair);
    expect(Object.keys(jwk).sort()).toEqual(['crv', 'd', 'kty', 'x']);
    const again = importPrivateJwk(JSON.parse(JSON.stringify(jwk)));
    expect(again.kid).toBe(pair.kid);
    expect(verifyStrict(pair, SEED, signBytes(again, SEED))).toBe(true);
  });

  it('refuses a JWK that is not a private Ed25519 key or whose halves do not fit, without showing it', () => {
    const jwk = exportPrivateJwk(generateKeyPair());
    const { x } = generateKeyPair();
    const { d: _, ...publicHalf } = jwk;
    for (const bad of [
      null,
      'x',
      [],
      {},
      publicHalf,
      { ...jwk, kty: 'EC' },
      { ...jwk, crv: 'X25519' },
      { ...jwk, x },
      { ...jwk, d: `${jwk.d}A` },
    ]) {
      expect(() => importPrivateJwk(bad)).toThrow(KeyError);
    }
    expect(() => importPrivateJwk({ ...jwk, x })).toThrow(/^the two halves do not belong together$/);
  });

  it('shows nothing of the private half when printed or serialised', () => {
    const pair = generateKeyPair();
    const { d } = exportPrivateJwk(pair);
    const hex = Buffer.from(d, 'base64url').toString('hex');
    const shown = `${inspect(pair, { depth: 9, showHidden: true })}${JSON.stringify(pair)}`;
    expect(shown).not.toContain(d);
    expect(shown.replaceAll(' ', '')).not.toContain(hex);
  });
});
