// Issues receipts: at most one per intent, none after a halt, none without the kill-switch. The decider decides; this wires it.
import { environmentOf, refused } from '@writ/contracts';
import {
  type ApprovalState,
  type AuthorityState,
  boundaryByDigest,
  boundaryFor,
  decideReceipt,
  type GateView,
  gateFor,
  gateOf,
  haltsCovering,
  type OutcomeState,
  type ReceiptInput,
  type ReceiptObjection,
  type RegistryState,
  rederiveUnder,
  rederiveVerdict,
  unknownByIdempotencyKey,
} from '@writ/domain';
import {
  type Answer,
  type Folded,
  FRESH_MS,
  type Plane,
  type Received,
  type StoredFrames,
  type WriterPool,
} from '@writ/runtime';
import type { AppendGuard } from './append-guard.js';
import type { Decisions, KnownDecision } from './decisions.js';
import { grantObjection } from './grants.js';
import { decisionObjection } from './grounds.js';
import type { LeaseWatch } from './lease-watch.js';
import type { LiveHalts } from './live-halts.js';

export type ReceiptDeps = {
  readonly plane: Plane;
  readonly authority: WriterPool<AuthorityState>;
  readonly outcome: WriterPool<OutcomeState>;
  readonly approval: Folded<ApprovalState>;
  readonly decisions: Decisions;
  readonly frames: StoredFrames;
  readonly leases: LeaseWatch;
  readonly halts: LiveHalts;
  readonly guard: AppendGuard;
};

/** How long a request waits for the append, and for a decision that is still on its way through the ledger, ms. */
const ISSUE_MS = 2_000;
const ARRIVE_MS = 400;

/** Answers one receipt request with the stored receipt and decision frames, or a refusal. */
export const answerReceipt = async (
  deps: ReceiptDeps,
  message: Received<'receipt-request'>,
): Promise<Answer> => {
  const { plane, decisions } = deps;
  const { intentId } = message.document.data;
  const found = decisions.find(intentId) ?? (await decisions.arrives(intentId, ARRIVE_MS));
  if (found === undefined) return refused('WRIT-RCP-001', 'no decision is recorded for this intent');
  if (!(await found.verified)) return refused('WRIT-RCP-001', 'the recorded intent does not verify');
  await decisions.votes.settled(intentId);
  if (isStopped(deps, found)) return refused('WRIT-RCP-006', 'a halt was heard');
  const done = await submit(deps, message, found);
  if (done.kind !== 'done')
    return refused(done.kind === 'indeterminate' ? 'WRIT-LED-002' : 'WRIT-LED-003', done.reason);
  const { result } = done;
  if (result.kind === 'refused') return result;
  if (result.kind === 'withheld') return refused(result.code, result.reason);
  // A halt may have come while the receipt was being stored: it is not handed out then.
  if (isStopped(deps, found)) return refused('WRIT-RCP-006', 'a halt came meanwhile');
  const receipt = done.frames[0] ?? (await deps.frames.of(result.eventId));
  if (receipt === undefined) return refused('WRIT-RCP-015', 'the receipt is being recorded');
  plane.log.debug({ event: 'receipt', intentId, seq: done.seqs[0] });
  return { kind: 'frames', frames: [receipt, found.bytes] };
};

/** Whether a halt, heard or recorded, stops the action of a decision now. */
const isStopped = ({ authority, halts }: ReceiptDeps, { decision }: KnownDecision): boolean => {
  const { agent } = decision.data;
  const { action } = decision.intent;
  return (
    halts.stops(agent, action) ||
    haltsCovering(authority.state(environmentOf(agent)), agent, action).length > 0
  );
};

const submit = (deps: ReceiptDeps, message: Received<'receipt-request'>, found: KnownDecision) => {
  const environment = environmentOf(found.decision.data.agent);
  return deps.authority.of(environment).submit({
    id: message.document.id,
    deadline: performance.now() + ISSUE_MS,
    decide: ({ state }) => {
      deps.guard.decided(environment);
      if (deps.halts.stops(found.decision.data.agent, found.decision.intent.action))
        return { result: refused('WRIT-RCP-006', 'a halt was heard'), events: [] };
      return decideReceipt(inputOf(deps, message, found), state);
    },
  });
};

/** Everything that the receipt is decided from, as it stands at this moment. */
const inputOf = (
  deps: ReceiptDeps,
  message: Received<'receipt-request'>,
  found: KnownDecision,
): ReceiptInput => {
  const { plane, leases } = deps;
  const { document, frame, session, key } = message;
  const { agent } = found.decision.data;
  const environment = environmentOf(agent);
  const gate = gateOf(deps.approval.of(environment), document.data.intentId);
  const derived = derive(plane.registry(), found);
  const role = key.role === 'agent' ? 'agent' : 'enforcement-point';
  return {
    request: document,
    frame,
    session,
    asker: { name: key.holder, kid: key.kid, role },
    now: plane.timestamp(),
    decision: found.decision,
    gate,
    ...derived,
    leaseFresh: leases.fresh(environment) && leases.haltPosition(environment) <= plane.follower.position(),
    viewFresh: plane.fresh(FRESH_MS),
    idempotencyUnknown: hasUnknownAttempt(deps, found),
    objection: objectionTo(deps, found, gate, derived.verdictNow),
  };
};

/** The verdict under the recorded boundary and under the one in force; what the latter says of a receipt's life. */
const derive = (registry: RegistryState, { decision, intent }: KnownDecision) => {
  const { agent, boundary } = decision.data;
  const recorded = boundary === null ? undefined : boundaryByDigest(registry, boundary.digest);
  const current = boundaryFor(registry, agent);
  const verdictNow = rederiveVerdict(decision.data, intent, recorded?.boundary ?? null);
  const gateKnown = (name: string) => gateFor(registry, name, agent) !== undefined;
  const { effect } =
    recorded !== undefined && current?.digest === recorded.digest
      ? verdictNow
      : rederiveUnder(decision.data, intent, current?.boundary ?? null, gateKnown);
  const receiptSeconds = current?.boundary.spec.receiptSeconds ?? 1;
  return { verdictNow, verdictCurrent: { effect, boundaryDigest: current?.digest ?? '' }, receiptSeconds };
};

/** What speaks against the decision itself, or against the result of its gate. */
const objectionTo = (
  { plane, decisions }: ReceiptDeps,
  found: KnownDecision,
  gate: GateView | undefined,
  verdictNow: ReturnType<typeof rederiveVerdict>,
): ReceiptObjection | undefined => {
  const registry = plane.registry();
  const { decision, intent, time } = found;
  const objection = decisionObjection(registry, found, verdictNow);
  if (objection !== undefined || decision.effect !== 'gate' || gate === undefined) return objection;
  return grantObjection({
    ...{ registry, decision, gate, decidedAt: time, lowRisk: verdictNow.lowRisk, now: plane.timestamp() },
    votes: decisions.votes.of(intent.id),
  });
};

const hasUnknownAttempt = ({ outcome, decisions }: ReceiptDeps, { decision }: KnownDecision): boolean => {
  const { agent } = decision.data;
  const { idempotencyKey } = decision.intent;
  if (idempotencyKey === undefined) return false;
  const state = outcome.state(environmentOf(agent));
  return unknownByIdempotencyKey(state, agent, idempotencyKey, decisions.idempotencyKeyOf).length > 0;
};
