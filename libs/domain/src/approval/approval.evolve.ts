// Folds approval events into gates. Trusts that admission let through only effective events; never decides.
import type { ApprovalEvent, LedgerDocument } from '@writ/contracts';
import { Map as IMap } from 'immutable';
import type { Recorded } from '../recorded.js';
import type { ApprovalState, Gate, GateResult } from './approval.state.js';

type Of<T extends ApprovalEvent['type']> = Recorded<Extract<ApprovalEvent, { type: T }>>;

const put = (state: ApprovalState, gate: Gate): ApprovalState => ({
  gates: state.gates.set(gate.intentId, gate),
  undecided:
    gate.result === undefined
      ? state.undecided.set(gate.intentId, true)
      : state.undecided.remove(gate.intentId),
});

const opened = (rec: Of<'writ.approval.gate-opened.v1'>): Gate => {
  const { document, digest } = rec;
  return {
    ...document.data,
    opened: { id: document.id, digest },
    openedAt: document.time,
    correlationid: document.correlationid,
    votes: IMap(),
    cycles: 0,
  };
};

const voted = (gate: Gate, { document }: Of<'writ.approval.voted.v1'>): Gate => {
  const { person, choice, voteDigest } = document.data;
  if (gate.votes.has(person)) return gate;
  return {
    ...gate,
    votes: gate.votes.set(person, { person, choice, event: document.id, digest: voteDigest }),
  };
};

const frozen = (gate: Gate, { document }: Of<'writ.approval.frozen.v1'>): Gate => {
  const { halts, remainingMs } = document.data;
  return { ...gate, cycles: gate.cycles + 1, frozen: { halts, remainingMs } };
};

const thawed = (gate: Gate, { document }: Of<'writ.approval.thawed.v1'>): Gate => {
  const { frozen: _, ...rest } = gate;
  return { ...rest, cycles: gate.cycles + 1, deadline: document.data.deadline };
};

type Ending = Pick<GateResult, 'status' | 'via' | 'people'> & { readonly until?: string | undefined };

const ended = (gate: Gate, rec: Recorded<ApprovalEvent>, ending: Ending): Gate => {
  const { frozen: _, ...rest } = gate;
  const { until, ...how } = ending;
  const event = { id: rec.document.id, digest: rec.digest };
  const result = { ...how, event, at: rec.document.time, seq: rec.seq };
  return { ...rest, result: until === undefined ? result : { ...result, until } };
};

const next = (gate: Gate, rec: Recorded<ApprovalEvent>): Gate => {
  const d = rec.document;
  switch (d.type) {
    case 'writ.approval.gate-opened.v1':
      return gate;
    case 'writ.approval.voted.v1':
      return voted(gate, { ...rec, document: d });
    case 'writ.approval.stage-escalated.v1':
      return { ...gate, deadline: d.data.deadline };
    case 'writ.approval.frozen.v1':
      return frozen(gate, { ...rec, document: d });
    case 'writ.approval.thawed.v1':
      return thawed(gate, { ...rec, document: d });
    case 'writ.approval.granted.v1':
      return ended(gate, rec, { status: 'granted', via: 'approval', people: d.data.by, until: d.data.until });
    case 'writ.approval.rejected.v1':
      return ended(gate, rec, { status: 'rejected', via: 'approval', people: d.data.by });
    case 'writ.approval.timed-out.v1': {
      const status = d.data.fallback === 'allow' ? 'timed-out-allow' : 'timed-out-deny';
      return ended(gate, rec, { status, via: 'timeout-fallback', people: [], until: d.data.until });
    }
    case 'writ.approval.overridden.v1':
      return ended(gate, rec, overridden(d.data));
  }
};

type Override = Extract<ApprovalEvent, { type: 'writ.approval.overridden.v1' }>['data'];

const overridden = ({ effect, person, until }: Override): Ending =>
  effect === 'force'
    ? { status: 'granted', via: 'override', people: [person], until }
    : { status: 'rejected', via: 'override', people: [person] };

const isApproval = (d: LedgerDocument): d is ApprovalEvent => d.type.startsWith('writ.approval.');

/** Folds one event; what is not an approval event of a known gate leaves the state as it is. */
export const evolveApproval = (state: ApprovalState, rec: Recorded): ApprovalState => {
  const { document } = rec;
  if (!isApproval(document)) return state;
  const known = state.gates.get(document.data.intentId);
  if (known === undefined) {
    return document.type === 'writ.approval.gate-opened.v1'
      ? put(state, opened({ ...rec, document }))
      : state;
  }
  const after = next(known, { ...rec, document });
  // One decisive result: only a person's override speaks after it.
  const final = known.result !== undefined && document.type !== 'writ.approval.overridden.v1';
  return final ? state : put(state, after);
};
