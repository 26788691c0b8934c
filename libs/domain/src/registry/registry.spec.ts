// The registry's decider, given history, when a command comes.
import type { RegistryAction } from '@writ/contracts';
import { Set as ISet } from 'immutable';
import { describe, expect, it } from 'vitest';
import { digest, iso, uuid } from '../../test/given/recorded.js';
import {
  AGENT,
  addPerson,
  agentKey,
  ann,
  cert,
  founded,
  given,
  personKey,
  shop,
  T0,
  when,
  withBot,
} from '../../test/given/registry.js';
import {
  activeKeysOf,
  agentOf,
  agents,
  environments,
  findKey,
  foundOrganisation,
  hasRole,
  isKeyActive,
  keyDirectory,
  personOf,
} from './index.js';

const refusal = (code: string) => expect.objectContaining({ kind: 'refused', code });
const changed = expect.objectContaining({ kind: 'changed' });
const createOps: RegistryAction = { do: 'create-project', project: 'ops' };

describe('the genesis', () => {
  it('names root keys that count before it and a registrar that counts from it', () => {
    const state = founded();
    expect(findKey(state, digest(1))).toMatchObject({ role: 'root', certifiedAt: 0 });
    expect(keyDirectory(state).find(digest(2))).toMatchObject({ role: 'registrar', certifiedAt: 10 });
    expect(state).toMatchObject({ org: 'acme', ver: 1, seq: 10 });
  });

  it('refuses a registrar that is a root, an unmet threshold and a service as organisation', () => {
    const registrar = cert(2, 'registrar', 'registry', 'acme');
    const roots = [{ kid: digest(1), x: digest(5001) }];
    const founding = { id: uuid(T0), org: 'acme', roots, threshold: 1, registrar, possession: () => true };
    const wrong = [
      { ...founding, roots: [{ kid: digest(2), x: digest(5002) }] },
      { ...founding, threshold: 2 },
      { ...founding, org: 'decision', registrar: { ...registrar, scope: 'decision' } },
      { ...founding, possession: () => false },
    ];
    for (const w of wrong) expect(foundOrganisation(w)).toEqual(refusal('WRIT-REG-006'));
    expect(foundOrganisation(founding)).toMatchObject({ type: 'writ.registry.organisation-founded.v1' });
  });
});

describe('invariant 11: no signed command works twice, late, or against another version than it was made for', () => {
  it('refuses a command id that was used', () => {
    const first = when(given(...shop), createOps, { id: uuid(T0, 77) });
    expect(first.result).toEqual(changed);
    const other: RegistryAction = { do: 'create-project', project: 'more' };
    expect(when(first.state, other, { id: uuid(T0, 77) }).result).toEqual(refusal('WRIT-REG-008'));
  });

  it('refuses a command at the instant of its expiry and after', () => {
    expect(when(given(...shop), createOps, { expires: iso(T0) }).result).toEqual(refusal('WRIT-REG-005'));
    expect(when(given(...shop), createOps, { expires: iso(T0 + 1) }).result).toEqual(changed);
  });

  it('refuses a command about a thing that changed since, and lets one about another thing pass', () => {
    const before = given(...withBot, addPerson('bob', 101));
    const seen = before.ver;
    const moved = when(before, { do: 'change-owner', agent: AGENT, owner: 'bob' }).state;
    const late = when(moved, { do: 'retire-agent', agent: AGENT }, { version: seen });
    expect(late.result).toEqual(refusal('WRIT-REG-004'));
    expect(when(moved, createOps, { version: seen }).result).toEqual(changed);
    expect(when(moved, { do: 'retire-agent', agent: AGENT }).result).toEqual(changed);
  });

  it('refuses a command made against a version that the registry has not reached', () => {
    const state = given(...shop);
    expect(when(state, createOps, { version: state.ver + 1 }).result).toEqual(refusal('WRIT-REG-004'));
  });

  it('refuses the second of two key rotations that were signed over the same version', () => {
    const state = given(...withBot);
    const first = when(state, { do: 'certify-key', key: agentKey(201, AGENT) }, { version: state.ver });
    const second = when(
      first.state,
      { do: 'certify-key', key: agentKey(202, AGENT) },
      { version: state.ver },
    );
    expect([first.result, second.result]).toEqual([changed, refusal('WRIT-REG-004')]);
  });
});

describe('who may ask', () => {
  const lead = addPerson('lea', 110, ['admin', 'acme.shop']);
  const asLea = { author: { kind: 'person', person: 'lea' } } as const;

  it('lets an administrator act at and beneath the scope of the grant, and nowhere else', () => {
    const state = given(...withBot, lead);
    const beneath: RegistryAction = { do: 'create-environment', project: 'shop', environment: 'test' };
    expect(when(state, beneath, asLea).result).toEqual(changed);
    expect(when(state, createOps, asLea).result).toEqual(refusal('WRIT-REG-001'));
    expect(hasRole(state, 'lea', 'admin', 'acme.shop.prod')).toBe(true);
    expect(hasRole(state, 'lea', 'admin', 'acme.shopping')).toBe(false);
  });

  it('lets nobody grant a role above the own one', () => {
    const up: RegistryAction = { do: 'grant-role', person: 'lea', grant: { role: 'admin', scope: 'acme' } };
    expect(when(given(...withBot, lead), up, asLea).result).toEqual(refusal('WRIT-REG-001'));
  });

  it('lets administrators of the organisation certify a service, and nobody a registrar or a root', () => {
    const state = given(...withBot, lead);
    const service: RegistryAction = { do: 'certify-key', key: cert(300, 'decision', 'decision', 'acme') };
    expect(when(state, service, asLea).result).toEqual(refusal('WRIT-REG-001'));
    expect(when(state, service, { author: ann }).result).toEqual(changed);
    const registrar: RegistryAction = { do: 'certify-key', key: cert(302, 'registrar', 'registry', 'acme') };
    expect(when(state, registrar, { author: ann }).result).toEqual(refusal('WRIT-REG-001'));
    expect(when(state, registrar).result).toEqual(refusal('WRIT-REG-001'));
    const root: RegistryAction = { do: 'certify-key', key: cert(301, 'root', 'root', 'acme') };
    expect(when(state, root).result).toEqual(refusal('WRIT-REG-001'));
  });

  it('above a threshold of one lets a root key command only what the genesis names', () => {
    const agreed = ISet([digest(900)]);
    const state = { ...given(...withBot), threshold: 2, firstCommands: agreed };
    const as = (n?: number) =>
      ({ author: { kind: 'root', digest: n === undefined ? n : digest(n) } }) as const;
    expect(when(state, createOps, as()).result).toEqual(refusal('WRIT-REG-001'));
    expect(when(state, createOps, as(901)).result).toEqual(refusal('WRIT-REG-001'));
    expect(when(state, createOps, as(900)).result).toEqual(changed);
    expect(when({ ...state, firstCommands: null }, createOps, as(900)).result).toEqual(
      refusal('WRIT-REG-001'),
    );
    expect(when(state, createOps, { author: ann }).result).toEqual(changed);
  });

  it('refuses a person who was removed, and one who never was', () => {
    const state = given(...withBot, lead, { do: 'remove-person', person: 'lea' });
    const action: RegistryAction = { do: 'create-environment', project: 'shop', environment: 'x' };
    expect(when(state, action, asLea).result).toEqual(refusal('WRIT-REG-001'));
    const nobody = { author: { kind: 'person', person: 'nobody' } } as const;
    expect(when(state, action, nobody).result).toEqual(refusal('WRIT-REG-001'));
  });

  it('refuses a scope of another organisation even to the root', () => {
    const foreign: RegistryAction = {
      do: 'grant-role',
      person: 'ann',
      grant: { role: 'admin', scope: 'other' },
    };
    expect(when(given(...shop), foreign).result).toEqual(refusal('WRIT-REG-002'));
  });
});

describe('keys', () => {
  const state = given(...withBot);

  it('certifies a kid once and in one role', () => {
    const again: RegistryAction = { do: 'certify-key', key: agentKey(200, AGENT) };
    expect(when(state, again).result).toEqual(refusal('WRIT-REG-003'));
    const asPerson: RegistryAction = { do: 'certify-key', key: personKey(200, 'ann') };
    expect(when(state, asPerson).result).toEqual(refusal('WRIT-REG-003'));
  });

  it('separates environments: an agent is certified at its own scope only', () => {
    const staging = 'acme.shop.staging.bot';
    const register = (key: ReturnType<typeof cert>): RegistryAction => ({
      do: 'register-agent',
      agent: staging,
      owner: 'ann',
      key,
    });
    expect(when(state, register(agentKey(210, AGENT))).result).toEqual(refusal('WRIT-REG-006'));
    const wide = cert(211, 'agent', staging, 'acme.shop.staging');
    expect(when(state, register(wide)).result).toEqual(refusal('WRIT-REG-006'));
    expect(when(state, register(agentKey(212, staging))).result).toEqual(changed);
  });

  it('refuses a key without proof of possession', () => {
    const action: RegistryAction = { do: 'certify-key', key: agentKey(220, AGENT) };
    expect(when(state, action, { possession: false }).result).toEqual(refusal('WRIT-REG-007'));
  });

  it('records retirement, revocation and distrust by ledger position, and ends the key', () => {
    const retired = when(state, { do: 'retire-key', kid: digest(200) }).state;
    expect(findKey(retired, digest(200))).toMatchObject({ retiredAt: retired.seq });
    const revoked = when(retired, { do: 'revoke-key', kid: digest(200), reason: 'compromised' }).state;
    expect(findKey(revoked, digest(200))).toMatchObject({ retiredAt: retired.seq, revokedAt: revoked.seq });
    const doubt: RegistryAction = { do: 'distrust-key', kid: digest(200), from: 7, reason: 'compromised' };
    const doubted = when(revoked, doubt).state;
    const later = when(doubted, { ...doubt, from: 9 } as RegistryAction).state;
    expect(findKey(later, digest(200))).toMatchObject({ distrustedFrom: 7 });
    expect(isKeyActive(findKey(retired, digest(200))!)).toBe(false);
    expect(activeKeysOf(later, 'agent', AGENT)).toEqual([]);
  });

  it('leaves the distrust of a registrar to the roots', () => {
    const doubt: RegistryAction = { do: 'distrust-key', kid: digest(2), from: 7, reason: 'compromised' };
    expect(when(state, doubt).result).toEqual(refusal('WRIT-REG-001'));
    expect(when(state, doubt, { author: ann }).result).toEqual(refusal('WRIT-REG-001'));
  });

  it('never ends a root key by a command', () => {
    const end: RegistryAction = { do: 'revoke-key', kid: digest(1), reason: 'compromised' };
    expect(when(state, end).result).toEqual(refusal('WRIT-REG-001'));
    expect(when(state, end, { author: ann }).result).toEqual(refusal('WRIT-REG-001'));
  });
});

describe('people and their agents', () => {
  it('keeps the last administrator of the organisation', () => {
    const state = given(...withBot, addPerson('bob', 101, ['admin', 'acme.shop']));
    const grant = { role: 'admin', scope: 'acme' } as const;
    expect(when(state, { do: 'remove-person', person: 'ann' }).result).toEqual(refusal('WRIT-REG-009'));
    expect(when(state, { do: 'revoke-role', person: 'ann', grant }).result).toEqual(refusal('WRIT-REG-009'));
    const two = when(state, { do: 'grant-role', person: 'bob', grant }).state;
    expect(when(two, { do: 'revoke-role', person: 'ann', grant }).result).toEqual(changed);
  });

  it('orphans the agents of an owner who is removed, until another owner takes them', () => {
    const state = given(...withBot, addPerson('bob', 101, ['admin', 'acme']));
    const without = when(state, { do: 'remove-person', person: 'ann' }).state;
    expect(agentOf(without, AGENT)).toMatchObject({ status: 'orphaned', owner: 'ann' });
    expect(activeKeysOf(without, 'person', 'ann')).toEqual([]);
    expect(personOf(without, 'ann')).toBeUndefined();
    const adopted = when(without, { do: 'change-owner', agent: AGENT, owner: 'bob' }).state;
    expect(agentOf(adopted, AGENT)).toMatchObject({ status: 'active', owner: 'bob' });
  });

  it('uses the name of a person, an agent or an enforcement point once', () => {
    const state = given(...withBot, addPerson('bob', 101), { do: 'remove-person', person: 'bob' });
    expect(when(state, addPerson('bob', 102)).result).toEqual(refusal('WRIT-REG-003'));
    const point: RegistryAction = {
      do: 'register-enforcement-point',
      name: AGENT,
      owner: 'ann',
      key: cert(230, 'enforcement-point', AGENT, AGENT),
    };
    expect(when(state, point).result).toEqual(refusal('WRIT-REG-003'));
  });

  it.each(['acme', 'decision', 'svc-anomaly', 'kill-switch'])(
    'refuses the person name %s, whose inbox or halts would be another party’s',
    (name) => {
      expect(when(given(...shop), addPerson(name, 140)).result).toEqual(refusal('WRIT-REG-003'));
    },
  );

  it('refuses agents and enforcement points with the names of services’ own senders', () => {
    const name = 'acme.shop.prod.svc-decision';
    const agent: RegistryAction = {
      do: 'register-agent',
      agent: name,
      owner: 'ann',
      key: agentKey(241, name),
    };
    const key = cert(242, 'enforcement-point', name, name);
    const point: RegistryAction = { do: 'register-enforcement-point', name, owner: 'ann', key };
    for (const action of [agent, point])
      expect(when(given(...shop), action).result).toEqual(refusal('WRIT-REG-003'));
  });

  it('wants one owner who is there and an environment that is there', () => {
    const register = (agent: string, owner: string): RegistryAction => ({
      do: 'register-agent',
      agent,
      owner,
      key: agentKey(240, agent),
    });
    const state = given(...shop);
    expect(when(state, register('acme.shop.prod.x', 'nobody')).result).toEqual(refusal('WRIT-REG-002'));
    expect(when(state, register('acme.shop.dev.x', 'ann')).result).toEqual(refusal('WRIT-REG-002'));
  });

  it('retires an agent with its keys', () => {
    const { state } = when(given(...withBot), { do: 'retire-agent', agent: AGENT });
    expect(agentOf(state, AGENT)?.status).toBe('retired');
    expect(activeKeysOf(state, 'agent', AGENT)).toEqual([]);
    expect(when(state, { do: 'retire-agent', agent: AGENT }).result).toEqual(refusal('WRIT-REG-002'));
  });

  it('lists environments and agents beneath a scope', () => {
    const state = given(...withBot);
    expect(environments(state).map((e) => e.scope)).toEqual(['acme.shop.prod', 'acme.shop.staging']);
    expect(agents(state, 'acme.shop').map((a) => a.agent)).toEqual([AGENT]);
    expect(agents(state, 'acme.shop.staging')).toEqual([]);
  });
});
