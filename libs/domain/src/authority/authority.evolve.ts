// Folds the authority subject of one environment. A halt, release or revocation counts once by its event id, for ever.
import { type AuthorityEvent, covers, type LedgerDocument } from '@writ/contracts';
import { Map as IMap, Set as ISet } from 'immutable';
import type { Recorded } from '../recorded.js';
import type { AuthorityState, Halt, ReceiptView } from './authority.state.js';

type Of<T extends AuthorityEvent['type']> = Recorded<Extract<AuthorityEvent, { type: T }>>;

const opened = (state: AuthorityState, rec: Of<'writ.authority.environment-opened.v1'>): AuthorityState => {
  if (state.opened !== undefined) return state;
  const { environment, haltsInForce } = rec.document.data;
  const missing = haltsInForce.filter((halt) => !state.halts.has(halt.id));
  return {
    ...state,
    opened: {
      ...{ environment, event: rec.document.id, seq: rec.seq, seen: rec.document.seen },
      halts: ISet(haltsInForce.map((halt) => halt.id)),
    },
    halts: missing.reduce((halts, halt) => halts.set(halt.id, halt), state.halts),
    haltPosition: missing.length > 0 ? rec.seq : state.haltPosition,
  };
};

const issued = (state: AuthorityState, rec: Of<'writ.authority.receipt-issued.v1'>): AuthorityState => {
  const { intentId, agent, audience, what, when } = rec.document.data;
  if (state.receipts.has(intentId)) return state;
  const receipt: ReceiptView = {
    eventId: rec.document.id,
    digest: rec.digest,
    intentId,
    agent,
    audience,
    argsDigest: what.argsDigest,
    issued: when.issued,
    expires: when.expires,
    seq: rec.seq,
  };
  return { ...state, receipts: state.receipts.set(intentId, receipt) };
};

const withheld = (
  state: AuthorityState,
  { document }: Of<'writ.authority.receipt-withheld.v1'>,
): AuthorityState => {
  const { intentId, codes } = document.data;
  const before = state.withheld.get(intentId) ?? IMap<string, string>();
  const after = codes.reduce((all, code) => (all.has(code) ? all : all.set(code, document.id)), before);
  return { ...state, withheld: state.withheld.set(intentId, after) };
};

const engaged = (state: AuthorityState, rec: Of<'writ.authority.halt-engaged.v1'>): AuthorityState => {
  const { halt: id, scope, tool, person } = rec.document.data;
  if (state.halts.has(id)) return state;
  const halt: Halt = {
    ...{ id, scope, person },
    engagedAt: rec.document.time,
    event: rec.document.id,
    position: rec.seq,
    ...(tool === undefined ? {} : { tool }),
  };
  return { ...state, halts: state.halts.set(id, halt), haltPosition: rec.seq };
};

const released = (state: AuthorityState, rec: Of<'writ.authority.halt-released.v1'>): AuthorityState => {
  const { halts, scope } = rec.document.data;
  const gone = (halt: Halt) => halts.includes(halt.id) && covers(scope, halt.scope);
  return { ...state, halts: state.halts.filterNot(gone), haltPosition: rec.seq };
};

const revoked = (
  state: AuthorityState,
  { document }: Of<'writ.authority.permit-revoked.v1'>,
): AuthorityState =>
  state.revoked.has(document.data.intentId)
    ? state
    : { ...state, revoked: state.revoked.set(document.data.intentId, document.id) };

const once = (
  state: AuthorityState,
  id: string,
  fold: (state: AuthorityState) => AuthorityState,
): AuthorityState => (state.facts.has(id) ? state : fold({ ...state, facts: state.facts.add(id) }));

const isAuthority = (d: LedgerDocument): d is AuthorityEvent => d.type.startsWith('writ.authority.');

/** Folds one event; what is not an authority event leaves the state as it is. */
export const evolveAuthority = (state: AuthorityState, rec: Recorded): AuthorityState => {
  const d = rec.document;
  if (!isAuthority(d)) return state;
  switch (d.type) {
    case 'writ.authority.environment-opened.v1':
      return opened(state, { ...rec, document: d });
    case 'writ.authority.receipt-issued.v1':
      return issued(state, { ...rec, document: d });
    case 'writ.authority.receipt-withheld.v1':
      return withheld(state, { ...rec, document: d });
    case 'writ.authority.halt-engaged.v1':
      return once(state, d.id, (s) => engaged(s, { ...rec, document: d }));
    case 'writ.authority.halt-released.v1':
      return once(state, d.id, (s) => released(s, { ...rec, document: d }));
    case 'writ.authority.permit-revoked.v1':
      return once(state, d.id, (s) => revoked(s, { ...rec, document: d }));
  }
};
