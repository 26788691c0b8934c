// A gate's result counts only where people's own votes and the published gate give it.
import { findKey } from '@writ/domain';
import { describe, expect, it } from 'vitest';
import { at, gateView, grant, INTENT, kidOf, PEOPLE, registry, vote } from '../test/escalation.js';
import { type GrantCase, grantObjection } from './grants.js';

const refusedBecause = (reason: RegExp, more: Partial<GrantCase>) =>
  expect(grantObjection(grant(more))).toEqual({
    code: 'WRIT-RCP-010',
    reason: expect.stringMatching(reason) as string,
  });

describe('a grant', () => {
  it('stands on the votes of as many distinct people as the published gate asks for', () => {
    expect(grantObjection(grant())).toBeUndefined();
    refusedBecause(/^0 of 2/, { votes: [] });
    refusedBecause(/^1 of 2/, { votes: [vote('ada')] });
    refusedBecause(/^1 of 2/, { votes: [vote('ada'), vote('ada')] });
    refusedBecause(/^2 of 3/, { registry: registry({ gate: { quorum: 3 } }) });
    refusedBecause(/^2 of 3/, { registry: registry({ inForce: { quorum: 3 } }) });
  });

  it('whatever quorum, approvers and exclusions the approval service wrote down', () => {
    const gate = gateView({ quorum: 1, approvers: ['ada', 'ben', 'own', 'mallory'] });
    refusedBecause(/^1 of 2/, { gate, votes: [vote('ada')] });
    refusedBecause(/^1 of 2/, { gate, votes: [vote('ada'), vote('own')] });
    refusedBecause(/^1 of 2/, { gate, votes: [vote('ada'), vote('mallory')] });
  });

  it('counts nobody who was no approver when the gate opened or is none any more', () => {
    refusedBecause(/^1 of 2/, { gate: gateView({ approvers: ['ada', 'cyn'] }) });
    const people = PEOPLE.map((p) => ({ ...p, approver: p.person !== 'ben' }));
    refusedBecause(/^1 of 2/, { registry: registry({ people }) });
    refusedBecause(/^1 of 2/, { registry: registry({ owner: 'ben' }) });
  });

  it.each([
    ['another intent', { intentId: INTENT.replace(/1$/, '2') }],
    ['another digest', { intentDigest: 'other' }],
    ['another boundary', { boundaryDigest: 'other' }],
    ['other obligations', { obligedDigest: 'other' }],
    ['another environment', { environment: 'acme.shop.test' }],
    ['a rejection', { choice: 'reject' }],
    ['an abstention', { choice: 'abstain' }],
    ['a vote that had expired', { expires: at(5) }],
  ])('is not made of a signed vote for %s', (_, own) => {
    refusedBecause(/does not verify/, { votes: [vote('ada'), vote('ben', { own })] });
  });

  it('is not made of votes that are unsigned, unverified or unreadable', () => {
    for (const more of [{ signed: false }, { signed: undefined }, { vote: undefined }])
      refusedBecause(/does not verify/, { votes: [vote('ada'), vote('ben', { more })] });
  });

  it('counts no vote by a key that was not theirs, not yet certified, retired, revoked or distrusted by then', () => {
    const change = (more: object) => {
      const state = registry();
      const key = findKey(state, kidOf('ben'))!;
      return { ...state, keys: state.keys.set(key.kid, { ...key, ...more }) };
    };
    for (const more of [
      { holder: 'ada' },
      { role: 'agent' },
      { certifiedAt: 110 },
      { retiredAt: 109 },
      { revokedAt: 109 },
      { distrustedFrom: 110 },
    ])
      refusedBecause(/^1 of 2/, { registry: change(more) });
    expect(grantObjection(grant({ registry: change({ retiredAt: 111 }) }))).toBeUndefined();
  });

  it('lasts no longer than the gate grants after its last vote', () => {
    refusedBecause(/longer/, { gate: gateView({ until: at(312) }) });
  });

  it('does not stand against a rejection where one answer decides', () => {
    const no = {
      own: { choice: 'reject' },
      more: { said: { ...vote('ben').said, choice: 'reject' as const } },
    };
    const one = registry({ gate: { quorum: 1 } });
    expect(grantObjection(grant({ registry: one, votes: [vote('ada')] }))).toBeUndefined();
    refusedBecause(/rejects/, { registry: one, votes: [vote('ben', no), vote('ada')] });
  });

  it('is of the gate that the decision names, and no override is believed', () => {
    refusedBecause(/published/, { gate: gateView({ gate: { name: 'people', digest: 'other' } }) });
    refusedBecause(/published/, {
      registry: { ...registry(), gatesByDigest: registry().gatesByDigest.clear() },
    });
    refusedBecause(/not verified/, { gate: gateView({ via: 'override' }) });
  });
});

describe('a fallback', () => {
  const gate = gateView({ status: 'timed-out-allow', via: 'timeout-fallback', people: [] });
  const due = {
    gate,
    votes: [],
    now: at(602),
    lowRisk: true,
    registry: registry({ gate: { fallback: 'allow' } }),
  };

  it('allows only where the published gate says so, the risk is low and the deadline has passed', () => {
    expect(grantObjection(grant(due))).toBeUndefined();
    refusedBecause(/fallback/, { ...due, lowRisk: false });
    refusedBecause(/fallback/, { ...due, registry: registry() });
    refusedBecause(/deadline/, { ...due, now: at(599) });
  });

  it('speaks against nothing that lets nothing through', () => {
    for (const status of ['open', 'frozen', 'rejected', 'timed-out-deny'] as const)
      expect(grantObjection(grant({ gate: gateView({ status }), votes: [] }))).toBeUndefined();
  });
});
