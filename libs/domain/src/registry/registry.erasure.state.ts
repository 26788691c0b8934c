// Orders of erasure and legal holds as folded from the registry. What happened is folded, whatever a hold says about it.
import {
  covers,
  type ErasedData,
  type ErasureTarget,
  type EventId,
  type HoldTarget,
  type LedgerSeq,
  type RegistryEvent,
  type RetentionDueData,
} from '@writ/contracts';
import type { Map as IMap } from 'immutable';

/** What an order destroys: a target that a person named, or all of a retention class whose time is over. */
export type ErasureScope = ErasureTarget | ({ readonly kind: 'retention' } & RetentionDueData);

/** The record of an erasure that was carried out. */
export type ErasureDone = Omit<ErasedData, 'order'> & { readonly event: EventId; readonly seq: LedgerSeq };

/** An order. Without `done` it is open: being carried out, or blocked by a hold. */
export type ErasureOrder = {
  readonly event: EventId;
  readonly seq: LedgerSeq;
  readonly what: ErasureScope;
  readonly done?: ErasureDone;
};

/** A legal hold; in force until `liftedAt`. */
export type LegalHold = {
  readonly event: EventId;
  readonly seq: LedgerSeq;
  readonly target: HoldTarget;
  readonly liftedAt?: LedgerSeq;
};

/** The part of the registry that is about erasure. */
export type ErasureState = {
  readonly erasures: IMap<EventId, ErasureOrder>;
  readonly holds: IMap<EventId, LegalHold>;
};

/** The holds in force, oldest first. */
export const holdsInForce = (state: ErasureState): readonly LegalHold[] =>
  [...state.holds.values()].filter((hold) => hold.liftedAt === undefined).sort((a, b) => a.seq - b.seq);

/** The orders that are not carried out, oldest first. */
export const openErasures = (state: ErasureState): readonly ErasureOrder[] =>
  [...state.erasures.values()].filter((order) => order.done === undefined).sort((a, b) => a.seq - b.seq);

/** Whether two targets are surely about the same values: what can be told without looking into the vault. */
const meets = (what: ErasureTarget, hold: HoldTarget): boolean => {
  if (hold.kind === 'scope') {
    return what.kind === 'agent-month' ? covers(hold.scope, what.agent) : !hold.scope.includes('.');
  }
  if (hold.kind === 'subject') return what.kind === 'subject' && what.subject === hold.subject;
  return what.kind === 'intent' && what.intentId === hold.intentId;
};

/**
 * A hold in force that surely blocks an erasure. One that only the vault can tell (a held person among an agent's values) is
 * found there, by whoever carries the order out. What is past its retention is erased value by value, around what is held.
 */
export const holdOver = (state: ErasureState, what: ErasureScope): LegalHold | undefined =>
  what.kind === 'retention' ? undefined : holdsInForce(state).find((hold) => meets(what, hold.target));

type At = { readonly seq: LedgerSeq };

const ordered = <S extends ErasureState>(state: S, event: EventId, at: At, what: ErasureScope): S => ({
  ...state,
  erasures: state.erasures.set(event, { event, seq: at.seq, what }),
});

/** Folds one event of the registry; those that are about something else leave the state as it is. */
export const evolveErasure = <S extends ErasureState>(state: S, event: RegistryEvent, at: At): S => {
  switch (event.type) {
    case 'writ.registry.erasure-ordered.v1':
      return ordered(state, event.id, at, event.data.target);
    case 'writ.registry.retention-due.v1':
      return ordered(state, event.id, at, { kind: 'retention', ...event.data });
    case 'writ.registry.erased.v1': {
      const { order, keys, disclosures } = event.data;
      const held = state.erasures.get(order);
      if (held === undefined || held.done !== undefined) return state;
      const done = { event: event.id, seq: at.seq, keys, disclosures };
      return { ...state, erasures: state.erasures.set(order, { ...held, done }) };
    }
    case 'writ.registry.legal-hold-placed.v1': {
      const hold = { event: event.id, seq: at.seq, target: event.data.target };
      return { ...state, holds: state.holds.set(event.id, hold) };
    }
    case 'writ.registry.legal-hold-lifted.v1': {
      const held = state.holds.get(event.data.hold);
      if (held === undefined || held.liftedAt !== undefined) return state;
      return { ...state, holds: state.holds.set(held.event, { ...held, liftedAt: at.seq }) };
    }
    default:
      return state;
  }
};

/** A disclosure that is not there: whose it was, the month of its key, and the position of the event that commits to it. */
export type MissingDisclosure = {
  readonly agent: string;
  readonly month: string;
  readonly committedAt: LedgerSeq;
  readonly intentId?: string | undefined;
  /** The order that the vault's own list names for this digest. The list is held against the event by `@writ/verifier`. */
  readonly listedUnder?: EventId | undefined;
};

/** Why a disclosure is not there. `erased`: by the order, as the event at that position records. */
export type Missing =
  | {
      readonly kind: 'erased';
      readonly order: EventId;
      readonly event: EventId;
      readonly seq: LedgerSeq;
    }
  | { readonly kind: 'not-available' };

const isOf = (what: ErasureScope, missing: MissingDisclosure): boolean => {
  if (what.kind === 'agent-month') return what.agent === missing.agent && what.month === missing.month;
  return what.kind === 'intent' && what.intentId === missing.intentId;
};

/**
 * Tells a disclosure that was erased from one that is not available for another reason. Only an erasure that is recorded, after
 * the event that commits to the disclosure, explains it; one that is merely ordered does not.
 */
export const explainMissing = (erasures: Iterable<ErasureOrder>, missing: MissingDisclosure): Missing => {
  for (const { event: order, what, done } of erasures) {
    if (done === undefined) continue;
    const mine = order === missing.listedUnder || (isOf(what, missing) && done.seq > missing.committedAt);
    if (mine) return { kind: 'erased', order, event: done.event, seq: done.seq };
  }
  return { kind: 'not-available' };
};
