// The key path: what a forged, foreign or altered registry fact can teach, which is nothing.
import { generateKeyPair, type KeyPair } from '@writ/crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTrust, type Trust } from '../src/trust/trust.js';
import { createOrganisation, event, live, ORG, type Organisation } from './peer/organisation.js';

let org: Organisation;
let trust: Trust;
beforeEach(() => {
  org = createOrganisation();
  trust = createTrust(ORG, [{ kid: org.keys.root.kid, x: org.keys.root.x }]);
});

const REGISTRY = `gov.ledger.registry.${ORG}`;
const killSwitch = { roles: ['kill-switch'], subjects: ['gov.lease.acme.shop.prod'] } as const;
const lease = (key: KeyPair, subject = 'gov.lease.acme.shop.prod') =>
  live('lease', key, subject, { environment: 'acme.shop.prod', epoch: 1, haltPosition: 0, validMs: 1500 });
/** A certificate as the registry publishes one, signed by whoever is given. */
const certified = (signer: KeyPair, key: KeyPair, ver: number, subject = REGISTRY) => {
  const [genuine] = org.path.slice(1);
  const { signed } = JSON.parse(new TextDecoder().decode(genuine)) as {
    signed: { data: { command: object } };
  };
  const data = { key: org.certificate(key, 'kill-switch', 'kill-switch'), command: signed.data.command };
  return event(
    signer,
    'writ.registry.key-certified.v1',
    subject,
    'registry',
    data as Record<string, unknown>,
    { ver },
  );
};

it('from the pinned root to a service key, a live document of that role is believed', () => {
  expect(trust.learn(org.path)).toHaveLength(org.path.length);
  expect(trust.live('lease', lease(org.keys['kill-switch']), killSwitch).ok).toBe(true);
});

it('without the genesis nothing is believed', () => {
  expect(trust.learn(org.path.slice(1))).toEqual([]);
});

it('a genesis of another root is not believed', () => {
  expect(trust.learn(createOrganisation().path)).toEqual([]);
});

describe('a service key is not believed when it is certified', () => {
  const impostor = generateKeyPair();
  const attempts: readonly (readonly [string, () => Uint8Array])[] = [
    ['by itself', () => certified(impostor, impostor, 9)],
    ['by a service', () => certified(org.keys.decision, impostor, 9)],
    ['by an agent', () => certified(org.keys.agent, impostor, 9)],
    [
      'on the subject of another organisation',
      () => certified(org.keys.registrar, impostor, 9, 'gov.ledger.registry.evil'),
    ],
    ['in the place of another fact', () => certified(org.keys.registrar, impostor, 2)],
  ];
  it.each(attempts)('%s', (_, forge) => {
    trust.learn([...org.path, forge()]);
    expect(trust.live('lease', lease(impostor), killSwitch)).toMatchObject({ ok: false, why: 'unknown-key' });
  });
});

it('a certificate whose key id is not that of its key is not believed', () => {
  const key = generateKeyPair();
  const wrong = { ...key, kid: org.keys['kill-switch'].kid };
  expect(trust.learn([...org.path, certified(org.keys.registrar, wrong, 9)])).not.toContain(9);
});

describe('a live document is refused', () => {
  beforeEach(() => void trust.learn(org.path));
  it('under a key of another role', () => {
    expect(trust.live('lease', lease(org.keys.decision), killSwitch)).toMatchObject({
      ok: false,
      why: 'forged',
    });
  });
  it('that names another subject', () => {
    const other = lease(org.keys['kill-switch'], 'gov.lease.acme.shop.dev');
    expect(trust.live('lease', other, killSwitch)).toMatchObject({ ok: false, why: 'unfit' });
  });
  it('of another kind with the same words', () => {
    const frame = lease(org.keys['kill-switch']);
    expect(trust.live('notice', frame, killSwitch)).toMatchObject({ ok: false, why: 'forged' });
  });
  it('under a key that was revoked, for good', () => {
    trust.revoke([org.keys['kill-switch'].kid]);
    trust.learn(org.path);
    expect(trust.live('lease', lease(org.keys['kill-switch']), killSwitch)).toMatchObject({
      why: 'unknown-key',
    });
  });
  it('with any one byte changed', () => {
    const frame = lease(org.keys['kill-switch']);
    for (let n = 0; n < frame.length; n += 7) {
      const changed = Uint8Array.from(frame);
      changed[n] = (changed[n] as number) ^ 1;
      expect(trust.live('lease', changed, killSwitch).ok).toBe(false);
    }
  });
});

it('a revocation among the facts takes the key away, in whatever order they come', () => {
  const key = org.keys['kill-switch'];
  const { signed } = JSON.parse(new TextDecoder().decode(org.path[1])) as {
    signed: { data: { command: unknown } };
  };
  org.fact('writ.registry.key-revoked.v1', {
    kid: key.kid,
    reason: 'compromised',
    command: signed.data.command,
  });
  const [genesis, ...rest] = org.path;
  trust.learn([genesis as Uint8Array, ...rest.reverse()]);
  expect(trust.live('lease', lease(key), killSwitch).ok).toBe(false);
});
