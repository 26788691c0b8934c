// The gates of one environment as folded from its approval subject, and the questions that others ask of them.
import type {
  AgentScope,
  ApprovalEvent,
  CommandId,
  Digest,
  EventId,
  LedgerSeq,
  Timestamp,
  Token,
} from '@writ/contracts';
import { Map as IMap } from 'immutable';

/** An event by id and digest. */
export type EventRef = { readonly id: EventId; readonly digest: Digest };

type VotedEvent = Extract<ApprovalEvent, { type: 'writ.approval.voted.v1' }>;

/** One person's recorded answer. */
export type CastVote = {
  readonly person: Token;
  readonly choice: VotedEvent['data']['choice'];
  readonly event: EventId;
  readonly digest: Digest;
};

/** How a gate came to its end. `until` is there when it lets the action through. */
export type GateResult = {
  readonly status: 'granted' | 'rejected' | 'timed-out-deny' | 'timed-out-allow';
  readonly via: 'approval' | 'timeout-fallback' | 'override';
  readonly event: EventRef;
  readonly at: Timestamp;
  readonly seq: LedgerSeq;
  readonly people: readonly Token[];
  readonly until?: Timestamp;
};

/** One gate. `fallback` is the effective one: `allow` only where gate and decision both allow it. */
export type Gate = {
  readonly intentId: CommandId;
  readonly agent: AgentScope;
  readonly intentDigest: Digest;
  readonly boundaryDigest: Digest;
  readonly obligedDigest: Digest;
  readonly decision: EventRef;
  readonly gate: { readonly name: string; readonly digest: Digest };
  readonly opened: EventRef;
  readonly openedAt: Timestamp;
  readonly correlationid: string;
  readonly approvers: readonly Token[];
  readonly excluded: readonly Token[];
  readonly quorum: number;
  readonly fallback: 'deny' | 'allow';
  readonly deadline: Timestamp;
  readonly grantSeconds: number;
  readonly votes: IMap<Token, CastVote>;
  /** How often it was frozen or thawed: the number in the ids of those events. */
  readonly cycles: number;
  readonly frozen?: { readonly halts: readonly EventId[]; readonly remainingMs: number };
  readonly result?: GateResult;
};

/** The approval state of one environment. `undecided` holds the intents whose gate is open or frozen. */
export type ApprovalState = {
  readonly gates: IMap<CommandId, Gate>;
  readonly undecided: IMap<CommandId, true>;
};

/** Before any event. */
export const approvalInitial: ApprovalState = { gates: IMap(), undecided: IMap() };

/** What a gate says to those who ask: where it stands, until when, and by which event and whom. */
export type GateView = {
  readonly status: 'open' | 'frozen' | GateResult['status'];
  readonly intentId: CommandId;
  readonly agent: AgentScope;
  readonly intentDigest: Digest;
  readonly boundaryDigest: Digest;
  readonly obligedDigest: Digest;
  readonly decision: EventRef;
  readonly gate: { readonly name: string; readonly digest: Digest };
  readonly opened: EventRef;
  readonly deadline: Timestamp;
  readonly quorum: number;
  readonly approvers: readonly Token[];
  readonly votes: readonly CastVote[];
  /** Set while frozen: what is left when the last halt goes. */
  readonly remainingMs?: number;
  /** Set once decided. */
  readonly via?: GateResult['via'];
  readonly decisive?: EventRef;
  readonly people?: readonly Token[];
  readonly until?: Timestamp;
};

/** People who may vote: the named approvers without the excluded. */
export const eligible = (gate: Pick<Gate, 'approvers' | 'excluded'>): readonly Token[] =>
  gate.approvers.filter((person) => !gate.excluded.includes(person));

const ending = (result: GateResult | undefined) =>
  result === undefined
    ? {}
    : {
        via: result.via,
        decisive: result.event,
        people: result.people,
        ...(result.until === undefined ? {} : { until: result.until }),
      };

/** The view of one gate. */
export const viewOf = (gate: Gate): GateView => ({
  status: gate.result?.status ?? (gate.frozen === undefined ? 'open' : 'frozen'),
  intentId: gate.intentId,
  agent: gate.agent,
  intentDigest: gate.intentDigest,
  boundaryDigest: gate.boundaryDigest,
  obligedDigest: gate.obligedDigest,
  decision: gate.decision,
  gate: gate.gate,
  opened: gate.opened,
  deadline: gate.deadline,
  quorum: gate.quorum,
  approvers: eligible(gate),
  votes: [...gate.votes.values()],
  ...(gate.frozen === undefined ? {} : { remainingMs: gate.frozen.remainingMs }),
  ...ending(gate.result),
});

/** The gate of an intent, or `undefined` when none was opened. */
export const gateOf = (state: ApprovalState, intentId: CommandId): GateView | undefined => {
  const gate = state.gates.get(intentId);
  return gate === undefined ? undefined : viewOf(gate);
};

const undecidedGates = (state: ApprovalState): readonly Gate[] =>
  [...state.undecided.keys()].flatMap((id) => state.gates.get(id) ?? []);

/** Every gate without a result, open or frozen. */
export const openGates = (state: ApprovalState): readonly GateView[] => undecidedGates(state).map(viewOf);

/** The intents whose gate has run out at `now`. A frozen gate does not run. */
export const dueGates = (state: ApprovalState, now: Timestamp): readonly CommandId[] =>
  undecidedGates(state)
    .filter((gate) => gate.frozen === undefined && gate.deadline <= now)
    .map((gate) => gate.intentId);

/** When the next gate runs out, to set a timer by. */
export const nextGateDue = (state: ApprovalState): Timestamp | undefined =>
  undecidedGates(state)
    .filter((gate) => gate.frozen === undefined)
    .map((gate) => gate.deadline)
    .reduce<Timestamp | undefined>(
      (least, at) => (least === undefined || at < least ? at : least),
      undefined,
    );
