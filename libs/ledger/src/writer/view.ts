// What a writer knows of its subject: confirmed by the follower, and ahead of it by its own stored events. No IO.
import type { LedgerSeq } from '@writ/contracts';
import { link } from '@writ/crypto';
import { type Chain, type Envelope, extend } from '@writ/domain';
import type { LedgerEvent, LedgerItem } from '../event.js';
import type { SubjectTip } from '../follower/types.js';

export type Evolve<S> = (state: S, event: LedgerEvent) => S;

/** State, chain and last sequence of the subject at one point. */
export type Point<S> = { readonly state: S; readonly chain: Chain; readonly last: LedgerSeq };

export type View<S> = {
  /** Driven by the follower alone. */
  confirmed: Point<S>;
  /** Confirmed, and own stored events on top of it. What the next batch is decided on. */
  tip: Point<S>;
  /** Own stored events that the follower has not judged yet, in order. */
  own: readonly LedgerEvent[];
};

const extendBy = (chain: Chain, event: LedgerEvent): Chain =>
  extend(chain, event.document as unknown as Envelope, event.digest, link);

const advance = <S>(at: Point<S>, event: LedgerEvent, evolve: Evolve<S>): Point<S> => ({
  state: evolve(at.state, event),
  chain: extendBy(at.chain, event),
  last: event.seq,
});

/** The tip anew: the confirmed point and the own events on top of it. */
const rebuildTip = <S>(view: View<S>, evolve: Evolve<S>): void => {
  view.tip = view.own.reduce((at, event) => advance(at, event, evolve), view.confirmed);
};

export const createView = <S>(initial: S, tip: SubjectTip): View<S> => {
  const point = { state: initial, chain: tip.chain, last: tip.last };
  return { confirmed: point, tip: point, own: [] };
};

const confirm = <S>(view: View<S>, item: LedgerItem, chain: Chain, evolve: Evolve<S>): void => {
  const { state } = view.confirmed;
  const event = item.kind === 'event' ? item.event : undefined;
  const effective = event !== undefined && !event.void;
  view.confirmed = {
    state: effective ? evolve(state, event) : state,
    chain,
    last: event?.seq ?? (item.kind === 'junk' ? item.junk.seq : view.confirmed.last),
  };
};

/**
 * Takes what the follower judged. `chain`: the subject's chain after it. `busy`: an append is under way, so that the tip it was
 * decided on stays until its outcome is known.
 */
export const observe = <S>(
  view: View<S>,
  item: LedgerItem,
  chain: Chain,
  evolve: Evolve<S>,
  busy: boolean,
): void => {
  confirm(view, item, chain, evolve);
  const [first, ...rest] = view.own;
  if (first !== undefined && first.seq <= view.confirmed.last) {
    view.own = rest;
    const asExpected = item.kind === 'event' && !item.event.void && item.event.digest === first.digest;
    if (!asExpected) rebuildTip(view, evolve);
  }
  if (!busy && view.own.length === 0) view.tip = view.confirmed;
};

/** Takes own events that the server has stored; those that the follower has judged already are in the confirmed point. */
export const takeStored = <S>(view: View<S>, events: readonly LedgerEvent[], evolve: Evolve<S>): void => {
  const ahead = view.confirmed.last <= view.tip.last;
  view.own = [...view.own, ...events.filter((event) => event.seq > view.confirmed.last)];
  if (ahead) view.tip = events.reduce((at, event) => advance(at, event, evolve), view.tip);
  else rebuildTip(view, evolve);
};

/** After a lost race: the follower has folded everything that stood before; nothing of ours is ahead of it. */
export const fallBack = <S>(view: View<S>, evolve: Evolve<S>): void => {
  view.own = view.own.filter((event) => event.seq > view.confirmed.last);
  rebuildTip(view, evolve);
};
