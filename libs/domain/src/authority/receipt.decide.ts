// Decides whether a receipt is issued (invariants 1, 2, 3). Everything it needs comes in; in doubt it issues nothing.
import {
  type AgentScope,
  type Code,
  type DecisionData,
  type Digest,
  type EscalatedData,
  type EventId,
  environmentOf,
  type Frame,
  type IntentData,
  type Kid,
  type ReceiptRequest,
  type Refused,
  refused,
  type Timestamp,
} from '@writ/contracts';
import type { z } from 'zod';
import type { GateView } from '../approval/approval.state.js';
import { decided, draftOf } from '../draft.js';
import { earliest, plusSeconds } from '../instant.js';
import type { Decision } from '../recorded.js';
import { type AuthorityState, haltsCovering, type ReceiptView } from './authority.state.js';

/** What a verdict can be; `gate` is an escalation. */
export type VerdictEffect = 'permit' | 'deny' | 'gate';

/** The decision of the intent as recorded. `intent` is the data of the intent that it embeds, verified by the caller. */
export type ReceiptDecision = {
  readonly id: EventId;
  readonly digest: Digest;
  readonly correlationid: string;
  readonly effect: VerdictEffect;
  readonly data: z.infer<typeof DecisionData> | z.infer<typeof EscalatedData>;
  readonly intent: IntentData;
};

/** The part of a gate's view that a receipt rests on. */
export type ReceiptGate = Pick<
  GateView,
  | 'status'
  | 'via'
  | 'decisive'
  | 'people'
  | 'until'
  | 'decision'
  | 'intentDigest'
  | 'boundaryDigest'
  | 'obligedDigest'
>;

/**
 * `verdictNow`: derived again from the recorded inputs under the recorded boundary. `verdictCurrent`: under the boundary in
 * force now (the same where it has not changed). `leaseFresh`: the kill-switch's lease is. `viewFresh`: every fold that was
 * consulted is at most 2 s behind the ledger's end. `idempotencyUnknown`: an earlier attempt of this agent with the same
 * idempotency key has an unknown outcome. `receiptSeconds`: how long the receipt is good, from the boundary in force.
 */
export type ReceiptInput = {
  readonly request: ReceiptRequest;
  readonly frame: Frame;
  readonly asker: {
    readonly name: AgentScope;
    readonly kid: Kid;
    readonly role: 'agent' | 'enforcement-point';
  };
  readonly now: Timestamp;
  readonly decision: ReceiptDecision | undefined;
  readonly gate: ReceiptGate | undefined;
  readonly verdictNow: { readonly effect: VerdictEffect };
  readonly verdictCurrent: { readonly effect: VerdictEffect; readonly boundaryDigest: Digest };
  readonly leaseFresh: boolean;
  readonly viewFresh: boolean;
  readonly idempotencyUnknown: boolean;
  readonly receiptSeconds: number;
};

/** `issued` now, `known` to this asker from before, or `withheld` with the event that records it. */
export type ReceiptResult =
  | { readonly kind: 'issued'; readonly eventId: EventId; readonly expires: Timestamp }
  | {
      readonly kind: 'known';
      readonly eventId: EventId;
      readonly audienceKid: Kid;
      readonly receipt: ReceiptView;
    }
  | { readonly kind: 'withheld'; readonly code: Code; readonly reason: string; readonly eventId: EventId };

type Withhold = { readonly kind: 'withhold'; readonly code: Code; readonly reason: string };
/** The input once it is known that there is a decision. */
type Asked = ReceiptInput & { readonly decision: ReceiptDecision };
type Cover = {
  readonly kind: 'covered';
  readonly via: 'policy' | 'approval' | 'timeout-fallback' | 'override';
  readonly until: Timestamp;
};

const withhold = (code: Code, reason: string): Withhold => ({ kind: 'withhold', code, reason });

/** Who may ask at all: the agent itself, or an enforcement point of its environment. */
const mayAsk = ({ asker, request, now }: ReceiptInput): Refused | undefined => {
  const { agent, expires } = request.data;
  const own = asker.role === 'agent' && asker.name === agent;
  const acting = asker.role === 'enforcement-point' && environmentOf(asker.name) === environmentOf(agent);
  if (!own && !acting) return refused('WRIT-FRM-007', 'this key may not ask for a receipt of this agent');
  if (expires <= now) return refused('WRIT-REG-005', `the request expired at ${expires}`);
  return undefined;
};

/** What must hold in the plane before anything is looked at. */
const planeReady = (input: ReceiptInput, state: AuthorityState): Refused | undefined => {
  const { leaseFresh, viewFresh, request } = input;
  if (state.opened?.environment !== environmentOf(request.data.agent))
    return refused('WRIT-RCP-013', 'the kill-switch has not opened it yet');
  if (!leaseFresh) return refused('WRIT-RCP-008', 'no fresh lease from the kill-switch');
  if (!viewFresh) return refused('WRIT-RCP-015', 'the folded view is behind the ledger');
  return undefined;
};

const halted = ({ asker, decision }: Asked, state: AuthorityState): Refused | undefined => {
  const { action } = decision.intent;
  const halts = [
    ...haltsCovering(state, decision.data.agent, action),
    ...haltsCovering(state, asker.name, action),
  ];
  return halts.length === 0 ? undefined : refused('WRIT-RCP-006', `halted by ${halts[0]!.id}`);
};

const issuedBefore = ({ asker, decision, request }: Asked, state: AuthorityState) => {
  const receipt = state.receipts.get(request.data.intentId);
  if (receipt === undefined) return undefined;
  const { audience, eventId } = receipt;
  if (audience.name !== asker.name || audience.kid !== asker.kid) {
    return refused('WRIT-RCP-005', 'one receipt per intent, and it names another audience');
  }
  if (state.revoked.has(request.data.intentId)) return refused('WRIT-RCP-016', 'the permit was revoked');
  if (request.data.argsDigest !== decision.data.obligedDigest) {
    return refused('WRIT-RCP-003', 'the digest is not that of the obliged arguments');
  }
  return { kind: 'known', eventId, audienceKid: audience.kid, receipt } as const;
};

const boundTo = (gate: ReceiptGate, { id, digest, data }: ReceiptDecision): boolean =>
  gate.decision.id === id &&
  gate.decision.digest === digest &&
  gate.intentDigest === data.intentDigest &&
  gate.obligedDigest === data.obligedDigest &&
  gate.boundaryDigest === data.boundary?.digest;

const coveredByGate = ({ gate, decision }: Asked): Cover | Refused | Withhold => {
  if (gate === undefined || gate.status === 'open' || gate.status === 'frozen') {
    return refused(
      'WRIT-RCP-009',
      gate === undefined ? 'the gate is not open yet' : `the gate is ${gate.status}`,
    );
  }
  const { status, until, via } = gate;
  if (status === 'rejected' || status === 'timed-out-deny') {
    return withhold('WRIT-RCP-010', `the gate is ${status}`);
  }
  if (!boundTo(gate, decision) || until === undefined || via === undefined || gate.decisive === undefined) {
    return withhold('WRIT-RCP-010', 'the approval is not for this decision');
  }
  return { kind: 'covered', via, until };
};

/** By what the intent may go ahead, and until when: its permit, or what came of its gate. */
const coverOf = (input: Asked): Cover | Refused | Withhold => {
  const { effect, data } = input.decision;
  switch (effect) {
    case 'deny':
      return withhold('WRIT-RCP-002', 'the intent was denied');
    case 'permit':
      return { kind: 'covered', via: 'policy', until: data.expires };
    case 'gate':
      return coveredByGate(input);
  }
};

/** The verdict, derived again: as recorded, and under the boundary in force. An override passes both, never a halt. */
const verdictHolds = ({ decision, verdictNow, verdictCurrent }: Asked, via: Cover['via']) => {
  if (via === 'override') return undefined;
  const derived = via === 'policy' ? ['permit'] : ['permit', 'gate'];
  if (!derived.includes(verdictNow.effect)) {
    return withhold('WRIT-RCP-002', 'the recorded inputs do not give the recorded verdict');
  }
  // A grant is bound to the boundary that it was given under; a changed one must permit by itself.
  const same = verdictCurrent.boundaryDigest === decision.data.boundary?.digest;
  if (!(same ? derived : ['permit']).includes(verdictCurrent.effect)) {
    return withhold('WRIT-RCP-007', 'the boundary in force does not permit this');
  }
  return undefined;
};

type Grounds = Cover | Refused | Withhold;

const grounds = (input: Asked, state: AuthorityState): Grounds => {
  const { request, decision, now } = input;
  if (state.revoked.has(request.data.intentId)) return withhold('WRIT-RCP-016', 'the permit was revoked');
  const cover = coverOf(input);
  if (cover.kind !== 'covered') return cover;
  if (request.data.argsDigest !== decision.data.obligedDigest) {
    return withhold('WRIT-RCP-003', 'the digest is not that of the obliged arguments');
  }
  const until = earliest(cover.until, decision.intent.deadline);
  if (until <= now) return withhold('WRIT-RCP-004', `it was good until ${until}`);
  const no = verdictHolds(input, cover.via);
  if (no !== undefined) return no;
  if (input.idempotencyUnknown) {
    return refused('WRIT-RCP-014', 'an earlier attempt with this idempotency key has an unknown outcome');
  }
  return { ...cover, until };
};

const causesOf = ({ request, decision }: Asked, n: number) => ({
  id: `${request.id}.authority.${n}`,
  agent: decision.data.agent,
  causationid: request.id,
  correlationid: decision.correlationid,
});

const withheldOnce = (input: Asked, no: Withhold, state: AuthorityState): Decision<ReceiptResult> => {
  const { decision, request, frame } = input;
  const { intentId } = request.data;
  const before = state.withheld.get(intentId);
  const { code, reason } = no;
  const earlier = before?.get(code);
  if (earlier !== undefined) return decided({ kind: 'withheld', code, reason, eventId: earlier });
  const causes = causesOf(input, 1 + (before?.size ?? 0));
  const { agent, intentDigest } = decision.data;
  const draft = draftOf('writ.authority.receipt-withheld.v1', causes, {
    ...{ agent, intentId, intentDigest, request: frame },
    codes: [code],
  });
  return decided({ kind: 'withheld', code, reason, eventId: causes.id }, draft);
};

const approvalOf = (via: Cover['via'], gate: ReceiptGate | undefined) =>
  via === 'policy' || gate?.decisive === undefined
    ? null
    : { ...gate.decisive, people: [...(gate.people ?? [])] };

const issue = (input: Asked, cover: Cover): Decision<ReceiptResult> => {
  const { request, frame, asker, now, decision, gate, verdictCurrent } = input;
  const { data, intent } = decision;
  const { tool, operation, resource } = intent.action;
  const expires = earliest(plusSeconds(now, input.receiptSeconds), cover.until);
  const causes = causesOf(input, 0);
  const draft = draftOf('writ.authority.receipt-issued.v1', causes, {
    agent: data.agent,
    intentId: request.data.intentId,
    intentDigest: data.intentDigest,
    audience: { name: asker.name, kid: asker.kid },
    request: frame,
    who: {
      via: cover.via,
      decision: { id: decision.id, digest: decision.digest },
      approval: approvalOf(cover.via, gate),
    },
    what: { tool, operation, resource, argsDigest: data.obligedDigest, obligations: data.obligations },
    when: { issued: now, expires },
    why: {
      boundary: { name: data.boundary?.name ?? '', digest: data.boundary?.digest ?? '' },
      currentBoundaryDigest: verdictCurrent.boundaryDigest,
      rule: data.rule,
      codes: data.codes,
    },
  });
  return decided({ kind: 'issued', eventId: causes.id, expires }, draft);
};

const found = ({ decision, request }: ReceiptInput): ReceiptDecision | Refused => {
  if (decision === undefined || decision.data.agent !== request.data.agent) {
    return refused('WRIT-RCP-001', 'no decision is recorded for this intent of this agent');
  }
  if (decision.effect !== 'deny' && decision.data.boundary === null) {
    return refused('WRIT-RCP-001', 'the decision names no boundary');
  }
  return decision;
};

/**
 * Decides a receipt request. `issued`: the one receipt of this intent. `known`: it was issued to this same asker before; the
 * stored bytes are the answer. `withheld`: no grounds; recorded once per intent and code, later asks write nothing.
 * Refused without a trace, because asking again can help: WRIT-FRM-007, WRIT-REG-005, WRIT-RCP-001, -005, -006 (halted), -008,
 * -009 (approval pending), -013 (not opened), -014, -015. Withheld: -002, -003, -004, -007, -010, -016.
 */
export const decideReceipt = (
  input: ReceiptInput,
  state: AuthorityState,
): Decision<ReceiptResult | Refused> => {
  const no = mayAsk(input) ?? planeReady(input, state);
  if (no !== undefined) return decided(no);
  const decision = found(input);
  if ('kind' in decision) return decided(decision);
  const asked: Asked = { ...input, decision };
  const earlier = halted(asked, state) ?? issuedBefore(asked, state);
  if (earlier !== undefined) return decided(earlier);
  const on = grounds(asked, state);
  if (on.kind === 'refused') return decided(on);
  return on.kind === 'withhold' ? withheldOnce(asked, on, state) : issue(asked, on);
};
