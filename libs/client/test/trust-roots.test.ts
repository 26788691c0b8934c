// The key path under two of three roots: who may found, who may appoint a registrar, and what the one before teaches afterwards.
import type { KeyRole } from '@writ/contracts';
import { endorsedDigest, generateKeyPair, type KeyPair, ledgerOrigin } from '@writ/crypto';
import { describe, expect, it } from 'vitest';
import { createTrust } from '../src/trust/trust.js';
import { createOrganisation, embedded, event, type Json, live, ORG } from './peer/organisation.js';

const REGISTRY = `gov.ledger.registry.${ORG}`;
const roots = [1, 2, 3].map(generateKeyPair);
const pinned = roots.map(({ kid, x }) => ({ kid, x }));
const [one, two, three] = roots as [KeyPair, KeyPair, KeyPair];
const org = createOrganisation();
const endorsed = (root: KeyPair, data: Json): Json =>
  embedded(live('root-endorsement', root, REGISTRY, { org: ORG, what: endorsedDigest(data) }));

const genesis = (by: readonly KeyPair[], threshold = 2, signer = one): Uint8Array => {
  const registrar = org.certificate(org.keys.registrar, 'registrar', 'registry');
  const data = { org: ORG, roots: pinned, threshold, registrar };
  const endorsements = by.map((root) => endorsed(root, data));
  return event(signer, 'writ.registry.organisation-founded.v1', REGISTRY, 'registry', {
    ...data,
    endorsements,
  });
};
const [, ...facts] = org.path;
const first = genesis([two]);
const origin = ledgerOrigin(ORG, first) as string;
const office = { genesis: origin.slice(origin.lastIndexOf('/') + 1), after: org.keys.registrar.kid };

const next = generateKeyPair();
const appointment = (by: readonly KeyPair[], over: Json = {}, key = next): Uint8Array => {
  const data = {
    ...{ org: ORG, ...office, registrar: org.certificate(key, 'registrar', 'registry') },
    ...{ revokes: org.keys.registrar.kid, from: null, reason: 'compromised', ...over },
  };
  const endorsements = by.map((root) => endorsed(root, data));
  const type = 'writ.registry.registrar-appointed.v1';
  return event(key, type, REGISTRY, 'registry', { ...data, endorsements }, { ver: facts.length + 2 });
};
const certified = (
  signer: KeyPair,
  key: KeyPair,
  ver: number,
  [role, holder]: readonly [KeyRole, string] = ['kill-switch', 'kill-switch'],
): Uint8Array => {
  const { signed } = embedded(facts[0] as Uint8Array) as { signed: { data: Json } };
  const data = { ...signed.data, key: org.certificate(key, role, holder) };
  return event(signer, 'writ.registry.key-certified.v1', REGISTRY, 'registry', data, { ver });
};
const trusting = (...more: readonly Uint8Array[]) => {
  const trust = createTrust(ORG, pinned, 2);
  return { trust, learned: trust.learn([first, ...facts, ...more]) };
};

describe('the genesis', () => {
  it('is believed when as many distinct roots agree as are pinned', () => {
    expect(createTrust(ORG, pinned, 2).learn([genesis([three])])).toEqual([1]);
  });

  it.each([
    ['one root alone', genesis([])],
    ['the same root twice', genesis([one, one])],
    ['somebody else', genesis([generateKeyPair()])],
    ['one root, and the threshold lowered in it', genesis([], 1)],
  ])('is not believed from %s', (_, frame) => {
    expect(createTrust(ORG, pinned, 2).learn([frame])).toEqual([]);
  });
});

describe('an appointed registrar', () => {
  const impostor = generateKeyPair();
  const later = facts.length + 3;

  it('is believed from enough roots, and what it certifies after that', () => {
    const { trust, learned } = trusting(appointment([one, three]), certified(next, impostor, later));
    expect(learned).toHaveLength(facts.length + 3);
    expect(trust.find(impostor.kid)?.certified.role).toBe('kill-switch');
  });

  it.each([
    ['one root', appointment([one])],
    ['one root twice', appointment([one, one])],
    ['the registrar that ends', appointment([one, org.keys.registrar])],
    ['roots that endorsed something else', appointmentOfOther()],
    ['roots that endorsed it for another ledger', appointment([one, two], { genesis: 'A'.repeat(43) })],
    ['roots that endorsed it for another registrar in office', appointment([one, two], { after: one.kid })],
    ['a key that is known in another role', appointment([one, two], {}, org.keys.decision)],
  ])('is not believed from %s', (_, frame) => {
    const { trust, learned } = trusting(frame);
    expect(learned).toHaveLength(facts.length + 1);
    expect(trust.find(next.kid)).toBeUndefined();
  });

  it('ends the one before: what that one signs later is not believed, what it signed before is', () => {
    const { trust } = trusting(appointment([one, two]), certified(org.keys.registrar, impostor, later));
    expect(trust.find(impostor.kid)).toBeUndefined();
    expect(trust.find(org.keys.decision.kid)?.certified.role).toBe('decision');
  });
});

describe('a registrar whose key is stolen', () => {
  const own = generateKeyPair();
  const ver = facts.length + 2;

  it.each([
    ['root', 'root'],
    ['registrar', 'registry'],
  ] as const)('certifies no %s', (...as) => {
    const { trust } = trusting(certified(org.keys.registrar, own, ver, as));
    expect(trust.find(own.kid)).toBeUndefined();
  });
});

function appointmentOfOther(): Uint8Array {
  const data = { org: ORG, ...office, registrar: org.certificate(next, 'registrar', 'registry') };
  const rest = { revokes: org.keys.registrar.kid, from: null, reason: 'compromised' };
  const endorsements = [one, two].map((root) => endorsed(root, { ...data, ...rest, from: 7 }));
  const type = 'writ.registry.registrar-appointed.v1';
  const whole = { ...data, ...rest, endorsements };
  return event(next, type, REGISTRY, 'registry', whole, { ver: facts.length + 2 });
}
