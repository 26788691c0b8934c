// Decides whether a receipt is issued (invariants 1, 2, 3). Everything it needs comes in; in doubt it issues nothing.
import {
  type Code,
  type EventId,
  environmentOf,
  type Kid,
  type Refused,
  refused,
  type Timestamp,
} from '@writ/contracts';
import { decided, draftOf, vouchedBy } from '../draft.js';
import { earliest, plusSeconds } from '../instant.js';
import type { Decision } from '../recorded.js';
import { type AuthorityState, haltsCovering, type ReceiptView } from './authority.state.js';
import { groundsOf } from './receipt.grounds.js';
import type { Asked, Cover, ReceiptDecision, ReceiptGate, ReceiptInput, Withhold } from './receipt.input.js';

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

const issuedBefore = ({ asker, decision, request, objection }: Asked, state: AuthorityState) => {
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
  if (objection !== undefined) return refused(objection.code, objection.reason);
  return { kind: 'known', eventId, audienceKid: audience.kid, receipt } as const;
};

const causesOf = ({ request, decision }: Asked, n: number) => ({
  id: `${request.id}.authority.${n}`,
  agent: decision.data.agent,
  causationid: request.id,
  correlationid: decision.correlationid,
});

const withheldOnce = (input: Asked, no: Withhold, state: AuthorityState): Decision<ReceiptResult> => {
  const { decision, request, frame, session } = input;
  const { intentId } = request.data;
  const before = state.withheld.get(intentId);
  const { code, reason } = no;
  const earlier = before?.get(code);
  if (earlier !== undefined) return decided({ kind: 'withheld', code, reason, eventId: earlier });
  const causes = causesOf(input, 1 + (before?.size ?? 0));
  const { agent, intentDigest } = decision.data;
  const draft = draftOf('writ.authority.receipt-withheld.v1', causes, {
    ...{ agent, intentId, intentDigest, request: frame, ...vouchedBy(session) },
    codes: [code],
  });
  return decided({ kind: 'withheld', code, reason, eventId: causes.id }, draft);
};

const approvalOf = (via: Cover['via'], gate: ReceiptGate | undefined) =>
  via === 'policy' || gate?.decisive === undefined
    ? null
    : { ...gate.decisive, people: [...(gate.people ?? [])] };

const issue = (input: Asked, cover: Cover): Decision<ReceiptResult> => {
  const { request, frame, session, asker, now, decision, gate, verdictCurrent } = input;
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
    ...vouchedBy(session),
    who: {
      via: cover.via,
      decision: { id: decision.id, digest: decision.digest },
      approval: approvalOf(cover.via, gate),
    },
    what: { tool, operation, resource, argsDigest: data.obligedDigest, obligations: data.obligations },
    when: { issued: now, expires },
    why: {
      boundary: { name: data.boundary?.name ?? '', digest: data.boundary?.digest ?? '' },
      currentBoundaryDigest: verdictCurrent.boundaryDigest ?? data.boundary?.digest ?? '',
      rule: data.rule,
      codes: data.codes,
    },
  });
  return decided({ kind: 'issued', eventId: causes.id, expires }, draft);
};

const found = ({ decision, request }: ReceiptInput): ReceiptDecision | Refused => {
  const { agent, intentId } = request.data;
  const fits = decision?.data.agent === agent && decision.data.intent.signed['id'] === intentId;
  if (decision === undefined || !fits) {
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
 * -009 (approval pending), -013 (not opened), -014, -015. Withheld: -002, -003, -004, -007, -010, -016, and the caller's own
 * objection; where a receipt was issued before, the objection is refused and nothing more is recorded.
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
  const on = groundsOf(asked, state);
  if (on.kind === 'refused') return decided(on);
  return on.kind === 'withhold' ? withheldOnce(asked, on, state) : issue(asked, on);
};
