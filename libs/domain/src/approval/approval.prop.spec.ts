// Random votes, timeouts, halts and releases against a plain model of a gate: no difference is found.
import type { Vote } from '@writ/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, digest, ENV, escalated, following, frameOf, live, nothing, uuid } from '../../test/recording.js';
import {
  approvalInitial,
  decideFreeze,
  decideOpenGate,
  decideThaw,
  decideTimeout,
  decideVote,
  evolveApproval,
  gateOf,
} from './index.js';

const INTENT = uuid(1);
const PEOPLE = ['ada', 'ben', 'cyn', 'dan', 'own'];
const GOOD = { intentDigest: 'intent1', boundaryDigest: 'boundary', obligedDigest: 'obliged1' };

type Choice = 'approve' | 'reject' | 'abstain';
type Step =
  | { do: 'vote'; person: string; choice: Choice; wrong?: keyof typeof GOOD | undefined }
  | { do: 'wait'; ms: number }
  | { do: 'timeout' | 'freeze' | 'thaw' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('vote' as const),
      person: fc.constantFrom(...PEOPLE, 'mallory'),
      choice: fc.constantFrom<Choice>('approve', 'approve', 'reject', 'abstain'),
      wrong: fc.option(fc.constantFrom(...(Object.keys(GOOD) as (keyof typeof GOOD)[])), {
        nil: undefined,
        freq: 6,
      }),
    }),
  },
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  fc.record({ do: fc.constantFrom('timeout' as const, 'freeze' as const, 'thaw' as const) }),
);
const setting = fc.record({
  quorum: fc.integer({ min: 1, max: 5 }),
  fallback: fc.constantFrom('deny' as const, 'allow' as const),
  lowRisk: fc.boolean(),
});
type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never;

/** The plain model: what a careful clerk with paper and a stop watch would do. */
const clerk = ({ quorum, fallback, lowRisk }: Setting) => {
  const ballots = new Map<string, Choice>();
  let left = 60_000;
  let status = quorum > 4 ? 'rejected' : 'open';
  return {
    status: () => status,
    wait: (ms: number) => {
      if (status === 'open') left -= ms;
    },
    vote: (person: string, choice: Choice, fits: boolean) => {
      if (status !== 'open' || left <= 0 || !fits) return;
      if (ballots.has(person) || person === 'own' || person === 'mallory') return;
      ballots.set(person, choice);
      const yes = [...ballots.values()].filter((c) => c === 'approve').length;
      const no = [...ballots.values()].filter((c) => c === 'reject').length;
      if (yes === quorum) status = 'granted';
      else if (yes + (4 - ballots.size) < quorum || (quorum === 1 && no === 1)) status = 'rejected';
    },
    timeout: () => {
      if (status === 'open' && left <= 0) {
        status = fallback === 'allow' && lowRisk ? 'timed-out-allow' : 'timed-out-deny';
      }
    },
    freeze: () => {
      if (status !== 'open') return;
      status = 'frozen';
      left = Math.max(0, left);
    },
    thaw: () => {
      if (status === 'frozen') status = 'open';
    },
  };
};

const open = ({ quorum, fallback, lowRisk }: Setting) => {
  const ledger = following(approvalInitial, evolveApproval);
  const data = escalated(1, { lowRisk });
  const spec = { type: 'human' as const, approvers: { people: PEOPLE, roles: [] }, excludeOwner: true };
  const gate = {
    ...{ apiVersion: 'writ/v1' as const, kind: 'ApprovalGate' as const, metadata: { name: 'g', scope: ENV } },
    spec: { ...spec, quorum, fallback, deadlineSeconds: 60, grantSeconds: 30 },
  };
  const decision = { id: `${INTENT}.decision.0`, digest: digest('d'), correlationid: INTENT, data };
  const input = { decision, gate, approvers: PEOPLE, excluded: ['own'], now: at(0) };
  ledger.tell(decideOpenGate(input, ledger.state).events);
  return ledger;
};

const voteInput = (n: number, { person, choice, wrong }: Extract<Step, { do: 'vote' }>, ms: number) => {
  const bound = Object.fromEntries(
    Object.entries(GOOD).map(([field, name]) => [field, digest(field === wrong ? 'other' : name)]),
  );
  const rest = { environment: ENV, intentId: INTENT, choice, nonce: 'n'.repeat(22), reason: nothing };
  const vote = live('vote', uuid(n), { ...rest, ...bound, expires: at(10_000_000) }) as Vote;
  return { vote, frame: frameOf(vote), digest: digest(`v${n}`), person, approversNow: PEOPLE, now: at(ms) };
};

const DECISIVE = ['granted', 'rejected', 'timed-out'].map((fact) => `writ.approval.${fact}.v1`);

const run = (how: Setting, steps: readonly Step[]) => {
  const ledger = open(how);
  const model = clerk(how);
  const types: string[] = [];
  let ms = 0;
  steps.forEach((s, i) => {
    const now = at(ms);
    const ask = { intentId: INTENT, now };
    const tell = (events: Parameters<typeof ledger.tell>[0]) => {
      ledger.tell(events, ms);
      types.push(...events.map((e) => e.type));
    };
    if (s.do === 'wait') {
      ms += s.ms;
      model.wait(s.ms);
    } else if (s.do === 'vote') {
      tell(decideVote(voteInput(100 + i, s, ms), ledger.state).events);
      model.vote(s.person, s.choice, s.wrong === undefined);
    } else {
      const freeze = { ...ask, halts: [] };
      const thaw = { ...ask, releases: [] };
      if (s.do === 'timeout') tell(decideTimeout(ask, ledger.state).events);
      if (s.do === 'freeze') tell(decideFreeze(freeze, ledger.state).events);
      if (s.do === 'thaw') tell(decideThaw(thaw, ledger.state).events);
      model[s.do]();
    }
    expect(gateOf(ledger.state, INTENT)?.status).toBe(model.status());
  });
  return { types, state: ledger.state };
};

describe('invariant 5 on random histories', () => {
  it('agrees with a plain model after every step, and has at most one decisive result', () => {
    fc.assert(
      fc.property(setting, fc.array(step, { maxLength: 40 }), (how, steps) => {
        const { types } = run(how, steps);
        expect(types.filter((t) => DECISIVE.includes(t)).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('reaches every kind of ending, so that agreeing is no accident', () => {
    const endings = new Set<string>();
    fc.assert(
      fc.property(setting, fc.array(step, { minLength: 20, maxLength: 40 }), (how, steps) => {
        endings.add(gateOf(run(how, steps).state, INTENT)?.status ?? 'none');
      }),
      { numRuns: 500, seed: 7 },
    );
    const all = ['granted', 'rejected', 'timed-out-allow', 'timed-out-deny', 'frozen', 'open'];
    expect([...endings].sort()).toEqual(all.sort());
  });
});
