// The request for a receipt: nothing is believed that the approval service says, and no halt is overtaken.
import { authorityInitial, type GateView } from '@writ/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerReceipt, type ReceiptDeps } from '../src/receipts.js';
import type { RecordedVote } from '../src/votes.js';
import { AGENT, at, decision, ENV, gateView, INTENT, kidOf, known, registry, vote } from './escalation.js';
import { type StandIns, standIns } from './stand-ins.js';

let beneath: StandIns;
let recorded: { type: string; data: { codes?: readonly string[] } }[];
let halted: boolean;
let decidedFor: string[];
let whileStoring: () => void;

beforeEach(() => {
  beneath = standIns();
  beneath.time.now = Date.parse(at(20));
  beneath.setRegistry(registry());
  recorded = [];
  decidedFor = [];
  halted = false;
  whileStoring = () => undefined;
});

const request = {
  document: {
    id: '01900000-0000-7000-8000-000000000050',
    data: { intentId: INTENT, agent: AGENT, argsDigest: decision.data.obligedDigest, expires: at(60) },
  },
  frame: {},
  key: { holder: AGENT, kid: kidOf(AGENT), role: 'agent' },
} as unknown as Parameters<typeof answerReceipt>[1];

const gates = ({ gate, opened, votes: _, via, people, until, status, decisive, ...rest }: GateView) => ({
  gates: new Map([
    [
      INTENT,
      {
        ...{ ...rest, gate, opened, excluded: [], votes: new Map() },
        result: { status, via, people, until, event: decisive },
      },
    ],
  ]),
});

const writer = () => ({
  submit: async ({ decide }: { decide: (view: unknown) => { result: unknown; events: typeof recorded } }) => {
    const opened = { environment: ENV, event: 'opened', seq: 1 };
    const { result, events } = decide({ state: { ...authorityInitial, opened } });
    recorded.push(...events);
    whileStoring();
    return { kind: 'done', result, frames: events.map(() => Buffer.from('receipt')), seqs: [200] };
  },
});

const ask = (votes: readonly RecordedVote[], gate: GateView = gateView()) =>
  answerReceipt(
    {
      plane: beneath.plane,
      authority: { of: writer, state: () => authorityInitial },
      outcome: { state: () => ({}) },
      approval: { of: () => gates(gate) },
      decisions: {
        find: () => known,
        votes: { settled: async () => undefined, of: () => votes },
      },
      leases: { fresh: () => true, haltPosition: () => 0 },
      halts: { stops: () => halted },
      guard: { decided: (environment: string) => void decidedFor.push(environment) },
    } as unknown as ReceiptDeps,
    request,
  );

describe('an escalated intent', () => {
  it('gets its receipt by the votes of the people of the published gate', async () => {
    expect(await ask([vote('ada'), vote('ben')])).toMatchObject({ kind: 'frames' });
    expect(recorded.map(({ type }) => type)).toEqual(['writ.authority.receipt-issued.v1']);
    expect(decidedFor).toEqual([ENV]);
  });

  it('gets none by a recorded grant without votes, and that is recorded', async () => {
    expect(await ask([])).toMatchObject({ kind: 'refused', code: 'WRIT-RCP-010' });
    expect(recorded).toMatchObject([
      { type: 'writ.authority.receipt-withheld.v1', data: { codes: ['WRIT-RCP-010'] } },
    ]);
  });

  it('gets none once its agent is retired', async () => {
    const state = registry();
    const agents = state.agents.set(AGENT, { ...state.agents.get(AGENT)!, status: 'retired' });
    beneath.setRegistry({ ...state, agents });
    expect(await ask([vote('ada'), vote('ben')])).toMatchObject({ kind: 'refused', code: 'WRIT-RCP-002' });
  });

  it('is not handed a receipt that was stored while a halt came', async () => {
    whileStoring = () => {
      halted = true;
    };
    expect(await ask([vote('ada'), vote('ben')])).toMatchObject({ kind: 'refused', code: 'WRIT-RCP-006' });
  });
});
