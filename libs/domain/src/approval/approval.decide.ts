// Decides the life of a gate apart from votes: opening, running out, freezing under a halt, thawing after it.
import {
  type ApprovalGate,
  type CommandId,
  type Digest,
  type EscalatedData,
  type EventId,
  type Refused,
  Timestamp,
  type Token,
} from '@writ/contracts';
import type { z } from 'zod';
import { decided, draftOf, refusal } from '../draft.js';
import { earliest, msOf, plusMs, plusSeconds } from '../instant.js';
import type { Decision, Draft } from '../recorded.js';
import { type ApprovalState, eligible, type Gate, type GateView, viewOf } from './approval.state.js';

/** The ids of a gate's own events: `<intent id>.approval.<n>`; freezing and thawing count on from 10. */
const EventNumber = { opened: 0, unreachable: 1, timedOut: 2, firstCycle: 10, lastCycle: 9_999 } as const;

const gateEventId = (intentId: CommandId, n: number): EventId => `${intentId}.approval.${n}`;

/** The escalated decision that a gate is opened for. */
export type EscalatedDecision = {
  readonly id: EventId;
  readonly digest: Digest;
  readonly correlationid: string;
  readonly data: z.infer<typeof EscalatedData>;
};

/** `approvers` and `excluded` are people, already resolved from the gate's names and roles. */
export type OpenGateInput = {
  readonly decision: EscalatedDecision;
  readonly gate: ApprovalGate;
  readonly approvers: readonly Token[];
  readonly excluded: readonly Token[];
  readonly now: Timestamp;
};

/** `opened` with where the gate stands at once, or the gate that was opened before. */
export type OpenGateResult =
  | { readonly kind: 'opened'; readonly eventId: EventId; readonly status: 'open' | 'rejected' }
  | { readonly kind: 'known'; readonly gate: GateView };

const distinct = (people: readonly Token[], most: number): readonly Token[] =>
  [...new Set(people)].sort().slice(0, most);

/** The deadline inside the intent that a decision embeds, when there is one. */
export const intentDeadlineOf = (data: Pick<EscalatedDecision['data'], 'intent'>): Timestamp | undefined => {
  const inner = data.intent.signed['data'];
  const deadline = (inner as { readonly deadline?: unknown } | null | undefined)?.deadline;
  const parsed = Timestamp.safeParse(deadline);
  return parsed.success ? parsed.data : undefined;
};

const openedData = ({ decision, gate, approvers, excluded, now }: OpenGateInput, intentId: CommandId) => ({
  agent: decision.data.agent,
  intentId,
  intentDigest: decision.data.intentDigest,
  decision: { id: decision.id, digest: decision.digest },
  gate: decision.data.gate,
  boundaryDigest: decision.data.boundary?.digest ?? '',
  obligedDigest: decision.data.obligedDigest,
  approvers: [...distinct(approvers, 256)],
  excluded: [...distinct(excluded, 64)],
  quorum: gate.spec.quorum,
  fallback: gate.spec.fallback === 'allow' && decision.data.lowRisk ? ('allow' as const) : ('deny' as const),
  deadline: earliest(plusSeconds(now, gate.spec.deadlineSeconds), intentDeadlineOf(decision.data)),
  grantSeconds: gate.spec.grantSeconds,
});

/**
 * Opens the gate of an escalated intent, once per intent: asked again it answers `known`. The gate ends with the intent's
 * own deadline at the latest. Where fewer people are eligible than the quorum needs it is rejected at once (fail closed).
 * Refuses an escalation without a boundary (WRIT-APR-006).
 */
export const decideOpenGate = (
  input: OpenGateInput,
  state: ApprovalState,
): Decision<OpenGateResult | Refused> => {
  const { decision } = input;
  const intentId = decision.id.split('.')[0] as CommandId;
  const known = state.gates.get(intentId);
  if (known !== undefined) return decided({ kind: 'known', gate: viewOf(known) });
  if (decision.data.boundary === null) return refusal('WRIT-APR-006', 'the escalation names no boundary');
  const data = openedData(input, intentId);
  const { agent, intentDigest } = data;
  const causes = { agent, causationid: decision.id, correlationid: decision.correlationid };
  const eventId = gateEventId(intentId, EventNumber.opened);
  const opened = draftOf('writ.approval.gate-opened.v1', { ...causes, id: eventId }, data);
  if (eligible(data).length >= data.quorum)
    return decided({ kind: 'opened', eventId, status: 'open' }, opened);
  const unreachable = draftOf(
    'writ.approval.rejected.v1',
    { ...causes, id: gateEventId(intentId, EventNumber.unreachable) },
    { agent, intentId, intentDigest, by: [], votes: [], codes: ['quorum-unreachable'] },
  );
  return decided({ kind: 'opened', eventId, status: 'rejected' }, opened, unreachable);
};

const about = ({ agent, intentId, intentDigest }: Gate) => ({ agent, intentId, intentDigest });

const gateDraft = <
  T extends 'writ.approval.timed-out.v1' | 'writ.approval.frozen.v1' | 'writ.approval.thawed.v1',
>(
  type: T,
  gate: Gate,
  n: number,
  causationid: string,
  data: Parameters<typeof draftOf<T>>[2],
): Draft =>
  draftOf(
    type,
    { id: gateEventId(gate.intentId, n), agent: gate.agent, causationid, correlationid: gate.correlationid },
    data,
  );

/** `notAfter`: the intent's own deadline, where the caller knows it; no grant outlives it. */
export type TimeoutInput = {
  readonly intentId: CommandId;
  readonly now: Timestamp;
  readonly notAfter?: Timestamp;
};

/** `timed-out` with the fallback that applied, `not-due`, or the decided gate. */
export type TimeoutResult =
  | { readonly kind: 'timed-out'; readonly eventId: EventId; readonly fallback: 'deny' | 'allow' }
  | { readonly kind: 'not-due' }
  | { readonly kind: 'known'; readonly gate: GateView };

/**
 * Applies the gate's own fallback when its deadline has come, once. A frozen gate is not due. A fallback of `allow` is good
 * for the gate's grant time and never longer than the intent. Refuses WRIT-APR-001 without a gate.
 */
export const decideTimeout = (
  { intentId, now, notAfter }: TimeoutInput,
  state: ApprovalState,
): Decision<TimeoutResult | Refused> => {
  const gate = state.gates.get(intentId);
  if (gate === undefined) return refusal('WRIT-APR-001', 'no gate was opened for this intent');
  if (gate.result !== undefined) return decided({ kind: 'known', gate: viewOf(gate) });
  if (gate.frozen !== undefined || now < gate.deadline) return decided({ kind: 'not-due' });
  const { fallback, deadline } = gate;
  const until = earliest(plusSeconds(now, gate.grantSeconds), notAfter);
  const data = { ...about(gate), fallback, deadline, ...(fallback === 'allow' ? { until } : {}) };
  const draft = gateDraft('writ.approval.timed-out.v1', gate, EventNumber.timedOut, gate.opened.id, data);
  return decided({ kind: 'timed-out', eventId: draft.id, fallback }, draft);
};

/** `halts`: the ledger events of the halts that cover the gated action. */
export type FreezeInput = {
  readonly intentId: CommandId;
  readonly halts: readonly EventId[];
  readonly now: Timestamp;
};

/** `frozen` with what was left in milliseconds, or the gate that needs no freezing. */
export type FreezeResult =
  | { readonly kind: 'frozen'; readonly eventId: EventId; readonly remainingMs: number }
  | { readonly kind: 'known'; readonly gate: GateView };

const cycleNumber = (gate: Gate): number | undefined => {
  const n = EventNumber.firstCycle + gate.cycles;
  return n > EventNumber.lastCycle ? undefined : n;
};

/**
 * Stops the clock of an open gate while a halt covers it and keeps what was left. A gate that is frozen or decided stays as
 * it is. Refuses WRIT-APR-001 without a gate, WRIT-APR-007 for one frozen about ten thousand times.
 */
export const decideFreeze = (
  { intentId, halts, now }: FreezeInput,
  state: ApprovalState,
): Decision<FreezeResult | Refused> => {
  const gate = state.gates.get(intentId);
  if (gate === undefined) return refusal('WRIT-APR-001', 'no gate was opened for this intent');
  if (gate.result !== undefined || gate.frozen !== undefined) {
    return decided({ kind: 'known', gate: viewOf(gate) });
  }
  const n = cycleNumber(gate);
  if (n === undefined) return refusal('WRIT-APR-007', 'the gate was frozen too often');
  const remainingMs = Math.max(0, msOf(gate.deadline) - msOf(now));
  const data = { ...about(gate), halts: halts.slice(0, 16), remainingMs };
  const draft = gateDraft('writ.approval.frozen.v1', gate, n, halts[0] ?? gate.opened.id, data);
  return decided({ kind: 'frozen', eventId: draft.id, remainingMs }, draft);
};

/** `releases`: the ledger events of the releases after which no halt covers the gated action any more. */
export type ThawInput = {
  readonly intentId: CommandId;
  readonly releases: readonly EventId[];
  readonly now: Timestamp;
  readonly notAfter?: Timestamp;
};

/** `thawed` with the new deadline, or the gate that is not frozen. */
export type ThawResult =
  | { readonly kind: 'thawed'; readonly eventId: EventId; readonly deadline: Timestamp }
  | { readonly kind: 'known'; readonly gate: GateView };

/**
 * Starts the clock of a frozen gate again with the time that was left, never beyond the intent's deadline (`notAfter`).
 * A gate that is not frozen stays as it is. Refuses WRIT-APR-001 without a gate.
 */
export const decideThaw = (
  { intentId, releases, now, notAfter }: ThawInput,
  state: ApprovalState,
): Decision<ThawResult | Refused> => {
  const gate = state.gates.get(intentId);
  if (gate === undefined) return refusal('WRIT-APR-001', 'no gate was opened for this intent');
  const n = cycleNumber(gate);
  if (gate.frozen === undefined || n === undefined) return decided({ kind: 'known', gate: viewOf(gate) });
  const deadline = earliest(plusMs(now, gate.frozen.remainingMs), notAfter);
  const data = { ...about(gate), releases: releases.slice(0, 16), deadline };
  const draft = gateDraft('writ.approval.thawed.v1', gate, n, releases[0] ?? gate.opened.id, data);
  return decided({ kind: 'thawed', eventId: draft.id, deadline }, draft);
};
