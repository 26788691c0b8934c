// The life of a gate and of votes at it, given what is recorded, when something is asked, then what is decided.
import type { ApprovalGate, Vote } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import {
  AGENT,
  at,
  digest,
  ENV,
  escalated,
  following,
  frameOf,
  live,
  nothing,
  uuid,
} from '../../test/recording.js';
import {
  approvalInitial,
  decideFreeze,
  decideOpenGate,
  decideThaw,
  decideTimeout,
  decideVote,
  dueGates,
  evolveApproval,
  gateOf,
  nextGateDue,
  openGates,
} from './index.js';

const INTENT = uuid(1);
const PEOPLE = ['ada', 'ben', 'cyn', 'own'];

const gate = (spec: Partial<ApprovalGate['spec']> = {}): ApprovalGate => ({
  apiVersion: 'writ/v1',
  kind: 'ApprovalGate',
  metadata: { name: 'two-people', scope: ENV },
  spec: {
    type: 'human',
    approvers: { people: [], roles: ['approver'] },
    quorum: 2,
    deadlineSeconds: 600,
    fallback: 'deny',
    excludeOwner: true,
    grantSeconds: 300,
    ...spec,
  },
});

type Opening = {
  spec?: Partial<ApprovalGate['spec']>;
  data?: Readonly<Record<string, unknown>>;
  people?: string[];
};

const opening = ({ spec, data, people = ['ada', 'ben', 'cyn', 'own'] }: Opening = {}) => ({
  decision: {
    id: `${INTENT}.decision.0`,
    digest: digest('decision'),
    correlationid: INTENT,
    data: escalated(1, data),
  },
  gate: gate(spec),
  approvers: people,
  excluded: ['own'],
  now: at(0),
});

const openedGate = (how: Opening = {}) => {
  const ledger = following(approvalInitial, evolveApproval);
  ledger.tell(decideOpenGate(opening(how), ledger.state).events);
  return ledger;
};

type Voting = {
  choice?: 'approve' | 'reject' | 'abstain';
  more?: object;
  now?: number;
  n?: number;
  still?: string[];
};

const voteOf = (
  person: string,
  { choice = 'approve', more = {}, now = 1000, n, still = PEOPLE }: Voting = {},
) => {
  const number = n ?? 100 + person.charCodeAt(0);
  const data = {
    ...{ environment: ENV, intentId: INTENT, intentDigest: digest('intent1') },
    ...{ boundaryDigest: digest('boundary'), obligedDigest: digest('obliged1'), choice },
    ...{ nonce: 'n'.repeat(22), reason: nothing, expires: at(3_600_000), ...more },
  };
  const vote = live('vote', uuid(number), data) as Vote;
  return {
    vote,
    frame: frameOf(vote),
    digest: digest(`vote${number}`),
    person,
    approversNow: still,
    now: at(now),
  };
};

const cast = (ledger: ReturnType<typeof openedGate>, person: string, how: Voting = {}) => {
  const decision = decideVote(voteOf(person, how), ledger.state);
  ledger.tell(decision.events, how.now ?? 1000);
  return decision.result;
};

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

describe('time', () => {
  it('applies the own fallback of the gate once, at its deadline', () => {
    const ledger = openedGate({ spec: { fallback: 'allow' }, data: { lowRisk: true } });
    expect(decideTimeout({ intentId: INTENT, now: at(599_999) }, ledger.state).result).toEqual({
      kind: 'not-due',
    });
    expect(dueGates(ledger.state, at(600_000))).toEqual([INTENT]);
    ledger.tell(decideTimeout({ intentId: INTENT, now: at(600_000) }, ledger.state).events);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({
      ...{ status: 'timed-out-allow', via: 'timeout-fallback', until: at(900_000) },
    });
    const again = decideTimeout({ intentId: INTENT, now: at(700_000) }, ledger.state);
    expect(again).toMatchObject({ result: { kind: 'known' }, events: [] });
  });

  it('denies on timeout by default, without any time to use it', () => {
    const ledger = openedGate();
    ledger.tell(decideTimeout({ intentId: INTENT, now: at(600_000) }, ledger.state).events);
    expect(gateOf(ledger.state, INTENT)?.status).toBe('timed-out-deny');
    expect(gateOf(ledger.state, INTENT)?.until).toBeUndefined();
  });

  it('keeps the remaining time of a gate through a halt, twice over', () => {
    const ledger = openedGate();
    const freeze = (ms: number) =>
      ledger.tell(decideFreeze({ intentId: INTENT, halts: [], now: at(ms) }, ledger.state).events);
    const thaw = (ms: number) =>
      ledger.tell(decideThaw({ intentId: INTENT, releases: [], now: at(ms) }, ledger.state).events);
    freeze(100_000);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({ status: 'frozen', remainingMs: 500_000 });
    expect(dueGates(ledger.state, at(9_000_000))).toEqual([]);
    expect(nextGateDue(ledger.state)).toBeUndefined();
    expect(freeze(200_000)).toEqual([]);
    thaw(1_000_000);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({ status: 'open', deadline: at(1_500_000) });
    expect(thaw(1_100_000)).toEqual([]);
    const [again] = freeze(1_400_000);
    thaw(1_500_000);
    expect(again?.document.id).toBe(`${INTENT}.approval.12`);
    expect(nextGateDue(ledger.state)).toBe(at(1_600_000));
  });

  it('thaws no further than the deadline of the intent', () => {
    const ledger = openedGate();
    ledger.tell(decideFreeze({ intentId: INTENT, halts: [], now: at(0) }, ledger.state).events);
    const input = { intentId: INTENT, releases: [], now: at(3_500_000), notAfter: at(3_600_000) };
    expect(decideThaw(input, ledger.state).result).toMatchObject({ deadline: at(3_600_000) });
  });

  it('lets a recorded override speak after a rejection and nothing else', () => {
    const ledger = openedGate({ spec: { quorum: 1 } });
    cast(ledger, 'ada', { choice: 'reject' });
    const base = { agent: AGENT, intentId: INTENT, intentDigest: digest('intent1') };
    const causes = { agent: AGENT, causationid: INTENT, correlationid: INTENT };
    const timedOut = { ...base, fallback: 'allow', deadline: at(0), until: at(9000) };
    ledger.tell([
      { ...causes, id: `${INTENT}.approval.2`, type: 'writ.approval.timed-out.v1', data: timedOut },
    ]);
    expect(gateOf(ledger.state, INTENT)?.status).toBe('rejected');
    const force = { ...base, effect: 'force', command: frameOf({}), person: 'zoe', until: at(9000) };
    ledger.tell([
      { ...causes, id: `${uuid(7)}.approval.0`, type: 'writ.approval.overridden.v1', data: force },
    ]);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({
      status: 'granted',
      via: 'override',
      people: ['zoe'],
    });
  });
});
