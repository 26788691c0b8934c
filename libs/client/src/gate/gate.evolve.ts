// How the gate changes with what it hears. Pure and total: whatever comes, in whatever order, it can only fail closed.
import type { Instant } from '../clock.js';
import { planeTime, stoodStill } from './gate.clock.js';
import { engageHalt, hearHalt, releaseHalt } from './gate.halts.js';
import { type GateEvent, type GateState, GateTimes } from './gate.state.js';

/** Forgets lease and offset: only the answer to a question asked from now on opens the gate again. */
const shut = (state: GateState, now: Instant): GateState => ({
  ...state,
  sync: undefined,
  lease: undefined,
  notBefore: now.mono,
});

/** Applies one event. The gap check comes first, so that buffered messages after a pause open nothing. */
export const evolveGate = (state: GateState, event: GateEvent, now: Instant): GateState => {
  const awake = stoodStill(state, now) ? shut(state, now) : state;
  return apply({ ...awake, beat: now }, event, now);
};

const apply = (state: GateState, event: GateEvent, now: Instant): GateState => {
  switch (event.kind) {
    case 'beat':
      return state;
    case 'deaf':
      return { ...shut(state, now), deaf: true };
    case 'disconnected':
      return { ...shut(state, now), connected: false };
    case 'reconnected':
      return { ...shut(state, now), connected: true };
    case 'halt-heard': {
      const { person, scope, tool } = event;
      return hearHalt(state, {
        person,
        scope,
        ...(tool === undefined ? {} : { tool }),
        at: planeTime(state, now),
      });
    }
    case 'halt-engaged':
      return { ...engageHalt(state, event.halt), noticed: Math.max(state.noticed, event.position) };
    case 'halt-released': {
      const freed = event.halts.reduce((s, id) => releaseHalt(s, id, event.scope), state);
      return { ...freed, noticed: Math.max(freed.noticed, event.position) };
    }
    case 'lease':
      return hearLease(state, event, now);
    case 'state':
      return hearState(state, event, now);
  }
};

type LeaseEvent = Extract<GateEvent, { kind: 'lease' }>;

const hearLease = (state: GateState, event: LeaseEvent, now: Instant): GateState => {
  if (event.epoch < state.epoch) return state;
  const known = { ...state, ahead: Math.max(state.ahead, event.haltPosition), epoch: event.epoch };
  if (state.sync === undefined) return known;
  const issuedAt = state.sync.askedAt + (event.planeMs - state.sync.planeMs);
  if (issuedAt > event.heardAt + GateTimes.futureMs) return shut(known, now);
  if (state.lease !== undefined && issuedAt <= state.lease.issuedAt) return known;
  return { ...known, lease: { issuedAt, validMs: event.validMs } };
};

type StateEvent = Extract<GateEvent, { kind: 'state' }>;

const hearState = (state: GateState, event: StateEvent, now: Instant): GateState => {
  const joined = event.halts.reduce(engageHalt, state);
  const known = Math.max(state.position, state.noticed, state.ahead);
  if (!state.connected || event.askedAt < state.notBefore || event.epoch < state.epoch) return joined;
  if (event.haltPosition < known) return joined;
  const listed = new Set(event.halts.map((h) => h.id));
  return {
    ...joined,
    told: true,
    sync: { askedAt: event.askedAt, heardAt: event.heardAt, planeMs: event.planeMs },
    skew: event.planeMs - (now.wall - now.mono + (event.askedAt + event.heardAt) / 2),
    lease: { issuedAt: event.askedAt, validMs: event.validMs },
    epoch: event.epoch,
    position: event.haltPosition,
    unproven: new Set([...joined.halts.keys()].filter((id) => !listed.has(id))),
  };
};
