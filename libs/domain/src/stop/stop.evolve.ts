// Folds stop events. Never decides.
import type { LedgerDocument, StopEvent } from '@writ/contracts';
import { Set as ISet } from 'immutable';
import type { Recorded } from '../recorded.js';
import { type HaltFollowUp, noFollowUp, type StopState } from './stop.state.js';

type Of<T extends StopEvent['type']> = Extract<StopEvent, { type: T }>;

const each = (
  state: StopState,
  halts: readonly string[],
  change: (before: HaltFollowUp) => HaltFollowUp,
): StopState => ({
  ...state,
  halts: halts.reduce((all, halt) => all.set(halt, change(all.get(halt) ?? noFollowUp)), state.halts),
});

const acknowledged = (state: StopState, d: Of<'writ.stop.acknowledged.v1'>): StopState => {
  const { agent, halts, ack, state: how, aborted, heardAt } = d.data;
  const ackId = String(ack.signed['id'] ?? '');
  const said = { agent, event: d.id, ackId, state: how, aborted, heardAt, at: d.time };
  return each(state, halts, (before) => ({ ...before, acks: before.acks.set(agent, said) }));
};

const unconfirmed = (state: StopState, d: Of<'writ.stop.unconfirmed.v1'>): StopState =>
  each(state, d.data.halts, (before) => ({
    ...before,
    unconfirmed: ISet(d.data.agents),
    rounds: before.rounds + 1,
  }));

const preserved = (state: StopState, d: Of<'writ.stop.state-preserved.v1'>): StopState => {
  const { agent, digest, bytes, halts } = d.data;
  const kept = { agent, digest, bytes, halts, event: d.id, at: d.time };
  return { ...state, preserved: state.preserved.set(agent, kept) };
};

const restored = (state: StopState, d: Of<'writ.stop.state-restored.v1'>): StopState => {
  const kept = state.preserved.get(d.data.agent);
  if (kept === undefined || kept.event !== d.data.preserved) return state;
  return { ...state, preserved: state.preserved.set(kept.agent, { ...kept, restored: d.id }) };
};

const isStop = (d: LedgerDocument): d is StopEvent => d.type.startsWith('writ.stop.');

/** Folds one event; what is not a stop event leaves the state as it is. */
export const evolveStop = (state: StopState, { document: d }: Recorded): StopState => {
  if (!isStop(d)) return state;
  switch (d.type) {
    case 'writ.stop.acknowledged.v1':
      return acknowledged(state, d);
    case 'writ.stop.unconfirmed.v1':
      return unconfirmed(state, d);
    case 'writ.stop.state-preserved.v1':
      return preserved(state, d);
    case 'writ.stop.state-restored.v1':
      return restored(state, d);
    case 'writ.stop.drill-finished.v1':
      return { ...state, lastDrill: { event: d.id, at: d.time, ok: d.data.ok } };
  }
};
