// Turns verified halt and release facts into gate events; a release only with the persons' own signatures.
import { environment, type Session } from '../session.js';
import { provedReleases } from '../trust/release.js';
import type { EngagedHalt, GateEvent, GateState } from './gate.state.js';

const HALT_FACTS = ['writ.authority.halt-engaged.v1', 'writ.authority.halt-released.v1'] as const;

/** `unproved`: a release that lacks valid signatures of persons; `unknown`: not a halt fact that verifies. */
export type FactReading =
  | { readonly kind: 'events'; readonly events: readonly GateEvent[] }
  | { readonly kind: 'unproved' | 'unknown' };

/** Reads the ledger frame of a halt or a release of this environment. */
export const readHaltFact = (
  session: Session,
  state: GateState,
  bytes: Uint8Array,
  position: number,
): FactReading => {
  const fact = session.trust.fact(HALT_FACTS, bytes, session.signers.halt);
  if (!fact.ok || fact.document.data.environment !== environment(session)) return { kind: 'unknown' };
  const { document } = fact;
  if (document.type === 'writ.authority.halt-engaged.v1') {
    const { halt: id, scope, person, tool, heardAt } = document.data;
    const halt: EngagedHalt = { id, scope, person, tool, at: Date.parse(heardAt) };
    return { kind: 'events', events: [{ kind: 'halt-engaged', halt, position }] };
  }
  const proved = provedReleases(session.trust, document, (id) => state.halts.get(id)?.scope);
  const known = document.data.halts.filter((id) => state.halts.has(id));
  if (proved.length < known.length) return { kind: 'unproved' };
  const { scope } = document.data;
  return { kind: 'events', events: [{ kind: 'halt-released', halts: proved, scope, position }] };
};
