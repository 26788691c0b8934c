// Properties of foreign verification: no text makes it throw, and no change to a signed text leaves it valid. fast-check prints the seed.
import { canonicalizeJcs, generateKeyPair, signBytes } from '@writ/crypto';
import { readForeignKeys, recognise, verifyForeign } from '@writ/interop';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const key = generateKeyPair();
const read = readForeignKeys(key.x);
const keys = read.ok ? read.keys : [];

const envelope = fc.constantFrom(
  { artifact: { payload_bytes_b64: 'e30=' } },
  { type: ['AgentReceipt'] },
  { '@version': 'EP-RECEIPT-v1' },
  { '@type': 'ep.quorum', members: [], action_hash: 'x' },
  { payload: 'e30=', payloadType: 'application/vnd.in-toto+json', signatures: [{}] },
  { payload: {}, signature: { alg: 'EdDSA', sig: '00' } },
);

describe('verifyForeign', () => {
  it('never throws, and never finds junk valid', () => {
    fc.assert(
      fc.property(
        envelope,
        fc.jsonValue(),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (base, value, more) => {
          for (const one of [{ ...base, ...more }, { ...more, ...base }, [base, value], value]) {
            expect(verifyForeign(JSON.stringify(one), keys).verdict).not.toBe('VALID');
          }
        },
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => verifyForeign(text, keys).verdict !== 'VALID'));
  });

  it('reads any key text without throwing', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof readForeignKeys(text).ok === 'boolean'));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => typeof readForeignKeys(JSON.stringify(value)).ok === 'boolean'),
    );
  });

  it('finds every change of one character of a signed passport', () => {
    const payload = { decision: 'allow', tool: 'http.get', amount: 0.25 };
    const sig = Buffer.from(signBytes(key, Buffer.from(canonicalizeJcs(payload)))).toString('hex');
    const text = JSON.stringify({ payload, signature: { alg: 'EdDSA', sig } });
    expect(verifyForeign(text, keys).verdict).toBe('VALID');
    const until = text.indexOf(',"signature"');
    fc.assert(
      fc.property(fc.nat(until - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        fc.pre(changed !== text && character.trim() !== '');
        expect(verifyForeign(changed, keys).verdict).not.toBe('VALID');
      }),
      { numRuns: 500 },
    );
  });

  it('names what it recognises in at most 120 characters', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (version) => {
        const found = recognise({ artifact: { payload_bytes_b64: '', canonicalization: version } });
        expect(found?.name.length).toBeLessThanOrEqual(120);
      }),
    );
  });
});
