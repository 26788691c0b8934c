// Endorsements of root keys: what they are for, and what they are not good for.

import { describe, expect, it } from 'vitest';
import { endorsedDigest, endorses, introducedKey } from '../src/endorsement.js';
import { generateKeyPair, keyPairFromSeed, openLedgerFrame, signFrame } from '../src/index.js';

const root = keyPairFromSeed(new Uint8Array(32).fill(3));
const entry = { kid: root.kid, x: root.x };
const data = { org: 'acme', registrar: { kid: 'k' }, from: null };
const KIND = 'application/vnd.writ.root-endorsement+json';

const made = (over: object = {}, key = root, kind = KIND) => {
  const document = {
    ...{ type: 'writ.root-endorsement.v1', id: '01900000-0000-7000-8000-000000000001', kid: key.kid },
    ...{ subject: 'gov.ledger.registry.acme', time: '2026-01-02T03:04:05.006Z' },
    data: { org: 'acme', what: endorsedDigest(data) },
    ...over,
  };
  return JSON.parse(Buffer.from(signFrame(kind, document, key)).toString()) as { sig: string };
};

describe('an endorsement', () => {
  it('is of the data without its endorsements, by the root that signed it', () => {
    expect(endorses(made(), entry, 'acme', data)).toBe(true);
    expect(endorses(made(), entry, 'acme', { ...data, endorsements: [made()] })).toBe(true);
  });

  it.each([
    ['of other data', made(), entry, 'acme', { ...data, from: 1 }],
    ['for another organisation', made(), entry, 'evil', data],
    ['on another subject', made({ subject: 'gov.ledger.registry.evil' }), entry, 'acme', data],
    [
      'that names another organisation',
      made({ data: { org: 'evil', what: endorsedDigest(data) } }),
      entry,
      'acme',
      data,
    ],
    ['of another root', made({}, generateKeyPair()), entry, 'acme', data],
    [
      'signed as another kind of document',
      made({}, root, 'application/vnd.writ.command+json'),
      entry,
      'acme',
      data,
    ],
    ['with another signature', { ...made(), sig: `${'A'.repeat(85)}A` }, entry, 'acme', data],
    [
      'of a root whose id is not that of its key',
      made(),
      { ...entry, kid: generateKeyPair().kid },
      'acme',
      data,
    ],
    ['that is no frame', { kid: root.kid }, entry, 'acme', data],
    ['that is nothing', undefined, entry, 'acme', data],
  ])('%s does not count, and nothing throws', (_, endorsement, by, org, of) => {
    expect(endorses(endorsement, by, org, of)).toBe(false);
  });
});

describe('a key that a document introduces', () => {
  const next = generateKeyPair();
  const appointed = (x = next.x) => ({
    type: 'writ.registry.registrar-appointed.v1',
    kid: next.kid,
    data: { registrar: { kid: next.kid, x } },
  });
  const frame = (document: object) => signFrame('application/vnd.writ.event+json', document, next);

  it('opens its own appointment and nothing else', () => {
    expect(openLedgerFrame(frame(appointed()), () => undefined)).toMatchObject({ document: appointed() });
    const other = { ...appointed(), type: 'writ.registry.key-certified.v1' };
    expect(openLedgerFrame(frame(other), () => undefined)).toBeUndefined();
    expect(openLedgerFrame(frame(appointed(generateKeyPair().x)), () => undefined)).toBeUndefined();
    expect(introducedKey(Buffer.from('writ.registry.registrar-appointed.v1'))).toBeUndefined();
  });
});
