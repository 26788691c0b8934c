// Who may vote is asked again of the registry with every vote, whatever the gate said when it was opened.
import type { ApprovalGate } from '@writ/contracts';
import { type GateView, type RegistryState, registryInitial } from '@writ/domain';
import { describe, expect, it } from 'vitest';
import { approversNowAt } from './approval.js';

const AGENT = 'acme.shop.prod.clerk';

const registry = (holders: readonly string[], owner: string): RegistryState => {
  const approvers = { people: ['zoe'], roles: ['approver'] };
  const gate = { spec: { approvers, excludeOwner: true } } as unknown as ApprovalGate;
  const published = {
    name: 'people',
    scope: 'acme',
    digest: 'gate',
    event: 'g',
    gate,
    publishedAt: 5,
    ver: 5,
  };
  const grants = [{ role: 'approver' as const, scope: 'acme' }];
  const agent = { agent: AGENT, owner, kid: 'kid', status: 'active' as const };
  const people = holders.reduce(
    (all, person) => all.set(person, { person, grants, kid: `kid-${person}`, status: 'active' }),
    registryInitial.people,
  );
  return {
    ...registryInitial,
    people,
    agents: registryInitial.agents.set(AGENT, agent),
    gatesByDigest: registryInitial.gatesByDigest.set('gate', published),
  };
};
const gate = { agent: AGENT, gate: { name: 'people', digest: 'gate' }, approvers: ['ada', 'ben'] };

describe('who may vote at a gate', () => {
  const ask = (holders: readonly string[], owner: string) =>
    approversNowAt(registry(holders, owner), gate as unknown as GateView);

  it('holds the role now, is in office, and does not own the agent now', () => {
    expect(ask(['ada', 'ben'], 'own')).toEqual(['ada', 'ben']);
    expect(ask(['ben'], 'own')).toEqual(['ben']);
    expect(ask(['ada', 'ben'], 'ben')).toEqual(['ada']);
  });

  it('is nobody where the gate is not known', () => {
    expect(approversNowAt(registry(['ada'], 'own'), undefined)).toEqual([]);
    expect(approversNowAt(registryInitial, gate as unknown as GateView)).toEqual([]);
  });
});
