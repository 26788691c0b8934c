// Gates and the votes at them, given what is recorded, when something is asked, then what is decided.
import { describe, expect, it } from 'vitest';
import { cast, INTENT, openedGate, opening, voteOf } from '../../test/gates.js';
import { at, digest, uuid } from '../../test/recording.js';
import { approvalInitial, decideFreeze, decideOpenGate, decideVote, gateOf, openGates } from './index.js';

describe('opening a gate', () => {
  it('opens once per intent and answers the same gate when asked again', () => {
    const ledger = openedGate();
    const again = decideOpenGate(opening(), ledger.state);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({ status: 'open', deadline: at(600_000), quorum: 2 });
    expect(again).toMatchObject({ result: { kind: 'known' }, events: [] });
  });

  it('allows on timeout only where the decision is low risk as well', () => {
    const risky = decideOpenGate(opening({ spec: { fallback: 'allow' } }), approvalInitial);
    const low = decideOpenGate(
      opening({ spec: { fallback: 'allow' }, data: { lowRisk: true } }),
      approvalInitial,
    );
    expect(risky.events[0]?.data).toMatchObject({ fallback: 'deny' });
    expect(low.events[0]?.data).toMatchObject({ fallback: 'allow' });
  });

  it('never outlives the deadline of the intent', () => {
    const ledger = openedGate({ spec: { deadlineSeconds: 7 * 86_400 } });
    expect(gateOf(ledger.state, INTENT)?.deadline).toBe(at(3_600_000));
  });

  it('is rejected at once where the eligible people cannot make the quorum', () => {
    const ledger = openedGate({ people: ['ada', 'own'] });
    expect(gateOf(ledger.state, INTENT)?.status).toBe('rejected');
    expect(openGates(ledger.state)).toEqual([]);
  });
});

describe('invariant 5: votes of distinct eligible people, bound to the exact action, with one decisive result', () => {
  it('grants with the quorum, in one step with the last vote, and names the people', () => {
    const ledger = openedGate();
    expect(cast(ledger, 'ada')).toMatchObject({ kind: 'voted', status: 'open' });
    const last = decideVote(voteOf('ben'), ledger.state);
    ledger.tell(last.events, 1000);
    expect(last.events.map((e) => e.type)).toEqual(['writ.approval.voted.v1', 'writ.approval.granted.v1']);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({
      ...{ status: 'granted', via: 'approval', people: ['ada', 'ben'], until: at(301_000) },
      decisive: { id: last.events[1]?.id },
    });
  });

  it('keeps a grant within the life of the intent', () => {
    const decision = decideVote(
      { ...voteOf('ada'), notAfter: at(2000) },
      openedGate({ spec: { quorum: 1 } }).state,
    );
    expect(decision.events[1]?.data).toMatchObject({ until: at(2000) });
  });

  it('counts a person once, whatever key or vote they come with', () => {
    const ledger = openedGate();
    cast(ledger, 'ada');
    expect(cast(ledger, 'ada', { n: 999 })).toMatchObject({ code: 'WRIT-APR-003' });
    expect(gateOf(ledger.state, INTENT)?.status).toBe('open');
  });

  it('answers the very same vote again without writing, also after the gate is decided', () => {
    const ledger = openedGate({ spec: { quorum: 1 } });
    cast(ledger, 'ada');
    const again = decideVote(voteOf('ada'), ledger.state);
    expect(again).toMatchObject({ result: { kind: 'known', status: 'granted' }, events: [] });
  });

  it.each([['own'], ['mallory']])('refuses %s, who is excluded or not named', (person) => {
    expect(cast(openedGate(), person)).toMatchObject({ code: 'WRIT-APR-002' });
  });

  it.each([['intentDigest'], ['boundaryDigest'], ['obligedDigest']])(
    'refuses a vote with another %s',
    (field) => {
      expect(cast(openedGate(), 'ada', { more: { [field]: digest('other') } })).toMatchObject({
        code: 'WRIT-APR-006',
      });
    },
  );

  it('refuses without a gate, in another environment, after the end, past the deadline, frozen, expired', () => {
    expect(cast(openedGate(), 'ada', { more: { intentId: uuid(2) } })).toMatchObject({
      code: 'WRIT-APR-001',
    });
    expect(cast(openedGate(), 'ada', { more: { environment: 'acme.shop.test' } })).toMatchObject({
      code: 'WRIT-APR-001',
    });
    const done = openedGate({ spec: { quorum: 1 } });
    cast(done, 'ada');
    expect(cast(done, 'ben')).toMatchObject({ code: 'WRIT-APR-004' });
    expect(cast(openedGate(), 'ada', { now: 600_000 })).toMatchObject({ code: 'WRIT-APR-005' });
    const frozen = openedGate();
    frozen.tell(decideFreeze({ intentId: INTENT, halts: [], now: at(5) }, frozen.state).events);
    expect(cast(frozen, 'ada')).toMatchObject({ code: 'WRIT-APR-007' });
    expect(cast(openedGate(), 'ada', { more: { expires: at(1000) } })).toMatchObject({
      code: 'WRIT-APR-008',
    });
  });

  it('takes no vote of a person who lost the right since the gate opened, and counts none that they cast before', () => {
    const ledger = openedGate();
    expect(cast(ledger, 'ada', { still: ['ben', 'cyn'] })).toMatchObject({ code: 'WRIT-APR-002' });
    expect(cast(ledger, 'ada')).toMatchObject({ kind: 'voted', status: 'open' });
    expect(cast(ledger, 'ben', { still: ['ben', 'cyn'] })).toMatchObject({ kind: 'voted', status: 'open' });
    expect(cast(ledger, 'cyn', { still: ['ben', 'cyn'] })).toMatchObject({
      kind: 'voted',
      status: 'granted',
    });
    expect(gateOf(ledger.state, INTENT)).toMatchObject({ people: ['ben', 'cyn'] });
  });

  it('rejects when those who lost the right leave too few for the quorum', () => {
    const ledger = openedGate();
    cast(ledger, 'ada');
    expect(cast(ledger, 'ben', { still: ['ben'] })).toMatchObject({ status: 'rejected' });
  });

  it('rejects as soon as the quorum cannot be reached any more, and not before', () => {
    const ledger = openedGate();
    expect(cast(ledger, 'ada', { choice: 'reject' })).toMatchObject({ status: 'open' });
    expect(cast(ledger, 'ben', { choice: 'reject' })).toMatchObject({ status: 'rejected' });
    expect(gateOf(ledger.state, INTENT)).toMatchObject({ status: 'rejected', people: ['ada', 'ben'] });
  });

  it('rejects by the first reject where one approval would do', () => {
    const ledger = openedGate({ spec: { quorum: 1 } });
    expect(cast(ledger, 'ada', { choice: 'reject' })).toMatchObject({ status: 'rejected' });
  });

  it('lets an abstention neither approve nor reject, but use up the person', () => {
    const ledger = openedGate();
    expect(cast(ledger, 'ada', { choice: 'abstain' })).toMatchObject({ status: 'open' });
    expect(cast(ledger, 'ben', { choice: 'abstain' })).toMatchObject({ status: 'rejected' });
  });
});
