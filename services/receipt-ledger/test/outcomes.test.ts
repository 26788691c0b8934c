// Outcome reports and reconciliations: nothing is kept, and no writer made, for what has no right to be recorded.
import { commit } from '@writ/crypto';
import { authorityInitial, outcomeInitial } from '@writ/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerOutcome, answerReconcile, type OutcomeDeps } from '../src/outcomes.js';
import { AGENT, at, ENV, INTENT, registry } from './escalation.js';
import { type StandIns, standIns } from './stand-ins.js';

const { committed, disclosures } = commit({ rows: 3 });
const RECEIPT = 'receipt';

let beneath: StandIns;
let kept: number;
let submitted: string[];

beforeEach(() => {
  beneath = standIns();
  beneath.setRegistry(registry());
  kept = 0;
  submitted = [];
});

const receipt = {
  ...{ eventId: RECEIPT, digest: 'd', intentId: INTENT, agent: AGENT, argsDigest: 'a', seq: 150 },
  ...{ audience: { name: AGENT, kid: 'kid' }, issued: at(20), expires: at(50) },
};

const deps = (issued = true): OutcomeDeps =>
  ({
    plane: beneath.plane,
    authority: {
      state: () => ({
        ...authorityInitial,
        receipts: issued ? authorityInitial.receipts.set(INTENT, receipt) : authorityInitial.receipts,
      }),
    },
    outcome: {
      state: () => outcomeInitial,
      of: (environment: string) => ({
        submit: async ({ decide }: { decide: (view: unknown) => { result: unknown } }) => {
          submitted.push(environment);
          const { result } = decide({ state: outcomeInitial });
          return { kind: 'done', result, frames: [Buffer.from('stored')] };
        },
      }),
    },
    vault: {
      put: async () => {
        kept += 1;
      },
    },
  }) as unknown as OutcomeDeps;

const report = (asker: string, role: string, agent: string = AGENT, as = 'executor') =>
  ({
    document: {
      ...{ id: 'report', time: at(30) },
      data: {
        ...{ intentId: INTENT, agent, receipt: RECEIPT, as, status: 'succeeded', effects: [] },
        result: committed,
      },
    },
    ...{ frame: {}, key: { holder: asker, kid: 'kid', role }, disclosures },
  }) as unknown as Parameters<typeof answerOutcome>[1];

describe('an outcome report', () => {
  it('of the audience of the receipt is kept and recorded', async () => {
    expect(await answerOutcome(deps(), report(AGENT, 'agent'))).toMatchObject({ kind: 'frames' });
    expect([kept, submitted]).toEqual([1, [ENV]]);
  });

  it.each([
    ['about another agent', 'WRIT-FRM-007', report(`${ENV}.other`, 'agent')],
    ['from another environment', 'WRIT-FRM-007', report('acme.shop.test.proxy', 'enforcement-point')],
    [
      'to verify from another environment',
      'WRIT-FRM-007',
      report('acme.shop.test.x', 'agent', AGENT, 'verifier'),
    ],
    [
      'in an environment that does not exist',
      'WRIT-REG-002',
      report('acme.no.where.x', 'agent', 'acme.no.where.x'),
    ],
    ['of somebody who is not the audience', 'WRIT-RCP-005', report(`${ENV}.proxy`, 'enforcement-point')],
  ])('%s is refused before anything is kept or a writer made', async (_, code, message) => {
    expect(await answerOutcome(deps(), message)).toMatchObject({ kind: 'refused', code });
    expect([kept, submitted]).toEqual([0, []]);
  });

  it('without a receipt is refused before anything is kept', async () => {
    const answer = await answerOutcome(deps(false), report(AGENT, 'agent'));
    expect(answer).toMatchObject({ kind: 'refused', code: 'WRIT-RCP-011' });
    expect([kept, submitted]).toEqual([0, []]);
  });
});

describe('a reconciliation', () => {
  const command = (version: number, environment = ENV) =>
    ({
      document: {
        ...{ id: 'command', time: at(30) },
        data: {
          action: { do: 'reconcile', environment, intentId: INTENT, status: 'failed', reason: committed },
          ...{ expires: at(60), version },
        },
      },
      ...{ frame: {}, key: { holder: 'ada', kid: 'kid', role: 'person' }, disclosures },
    }) as unknown as Parameters<typeof answerReconcile>[1];

  it.each([
    ['for a later registry than ours', 'WRIT-REG-004', command(10)],
    ['in an environment that does not exist', 'WRIT-REG-002', command(9, 'acme.no.where')],
    ['of nothing', 'WRIT-RCP-011', command(9)],
  ])('%s is refused before anything is kept or a writer made', async (_, code, message) => {
    expect(await answerReconcile(deps(), message)).toMatchObject({ kind: 'refused', code });
    expect([kept, submitted]).toEqual([0, []]);
  });
});
