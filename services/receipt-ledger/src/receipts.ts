// Issues receipts: at most one per intent, none after a halt, none without the kill-switch. The decider decides; this wires it.
import { environmentOf, refused } from '@writ/contracts';
import {
  type ApprovalState,
  type AuthorityState,
  boundaryByDigest,
  boundaryFor,
  decideReceipt,
  gateFor,
  gateOf,
  type OutcomeState,
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
import type { Decisions, KnownDecision } from './decisions.js';
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
};

/** How long a request waits for the append, and for a decision that is still on its way through the ledger, ms. */
const ISSUE_MS = 2_000;
const ARRIVE_MS = 400;

/** Answers one receipt request with the stored receipt and decision frames, or a refusal. */
export const answerReceipt = async (
  deps: ReceiptDeps,
  message: Received<'receipt-request'>,
): Promise<Answer> => {
  const { plane, decisions, halts } = deps;
  const { intentId } = message.document.data;
  const found = decisions.find(intentId) ?? (await decisions.arrives(intentId, ARRIVE_MS));
  if (found === undefined) return refused('WRIT-RCP-001', 'no decision is recorded for this intent');
  if (!(await found.verified)) return refused('WRIT-RCP-001', 'the recorded intent does not verify');
  if (!(await decisions.votesVerified(intentId)))
    return refused('WRIT-RCP-010', 'a recorded vote does not verify');
  if (halts.stops(found.decision.data.agent, found.decision.intent.action))
    return refused('WRIT-RCP-006', 'a halt was heard');
  const done = await submit(deps, message, found);
  if (done.kind !== 'done')
    return refused(done.kind === 'indeterminate' ? 'WRIT-LED-002' : 'WRIT-LED-003', done.reason);
  const { result } = done;
  if (result.kind === 'refused') return result;
  if (result.kind === 'withheld') return refused(result.code, result.reason);
  const receipt = done.frames[0] ?? (await deps.frames.of(result.eventId));
  if (receipt === undefined) return refused('WRIT-RCP-015', 'the receipt is being recorded');
  plane.log.debug({ event: 'receipt', intentId, seq: done.seqs[0] });
  return { kind: 'frames', frames: [receipt, found.bytes] };
};

const submit = (deps: ReceiptDeps, message: Received<'receipt-request'>, found: KnownDecision) => {
  const { plane, authority, approval, outcome, leases, decisions, halts } = deps;
  const { document, frame, key } = message;
  const { decision } = found;
  const { agent } = decision.data;
  const environment = environmentOf(agent);
  return authority.of(environment).submit({
    id: document.id,
    deadline: performance.now() + ISSUE_MS,
    decide: ({ state }) => {
      if (halts.stops(agent, decision.intent.action))
        return { result: refused('WRIT-RCP-006', 'a halt was heard'), events: [] };
      const registry = plane.registry();
      const named = decision.data.boundary?.digest;
      const recorded = named === undefined ? undefined : boundaryByDigest(registry, named);
      const current = boundaryFor(registry, agent);
      const verdictNow = rederiveVerdict(decision.data, found.intent, recorded?.boundary ?? null);
      const gateKnown = (name: string) => gateFor(registry, name, agent) !== undefined;
      const effect =
        recorded !== undefined && current?.digest === named
          ? verdictNow.effect
          : rederiveUnder(decision.data, found.intent, current?.boundary ?? null, gateKnown).effect;
      const idempotencyKey = decision.intent.idempotencyKey;
      return decideReceipt(
        {
          request: document,
          frame,
          asker: {
            name: key.holder,
            kid: key.kid,
            role: key.role === 'agent' ? 'agent' : 'enforcement-point',
          },
          now: plane.timestamp(),
          decision,
          gate: gateOf(approval.of(environment), document.data.intentId),
          verdictNow,
          verdictCurrent: { effect, boundaryDigest: current?.digest ?? '' },
          leaseFresh:
            leases.fresh(environment) && leases.haltPosition(environment) <= plane.follower.position(),
          viewFresh: plane.fresh(FRESH_MS),
          idempotencyUnknown:
            idempotencyKey !== undefined &&
            unknownByIdempotencyKey(
              outcome.state(environment),
              agent,
              idempotencyKey,
              decisions.idempotencyKeyOf,
            ).length > 0,
          receiptSeconds: current?.boundary.spec.receiptSeconds ?? 1,
        },
        state,
      );
    },
  });
};
