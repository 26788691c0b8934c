// The grounds of a receipt (invariant 1): a permit or a grant for exactly this intent, still good, under the boundary in force.
import { type Code, type Refused, refused } from '@writ/contracts';
import { earliest } from '../instant.js';
import type { AuthorityState } from './authority.state.js';
import type { Asked, Cover, ReceiptDecision, ReceiptGate, Withhold } from './receipt.input.js';

const withhold = (code: Code, reason: string): Withhold => ({ kind: 'withhold', code, reason });

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

/** What covers the request, or why nothing does: refused where asking again can help, else to be withheld. */
export const groundsOf = (input: Asked, state: AuthorityState): Cover | Refused | Withhold => {
  const { request, decision, now } = input;
  if (state.revoked.has(request.data.intentId)) return withhold('WRIT-RCP-016', 'the permit was revoked');
  const cover = coverOf(input);
  if (cover.kind !== 'covered') return cover;
  if (input.objection !== undefined) return withhold(input.objection.code, input.objection.reason);
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
