// Stories for the gate: steps in time, the events of them, and what the gate says then.
import type { Instant } from '../../src/clock.js';
import { decideGate } from '../../src/gate/gate.decide.js';
import { evolveGate } from '../../src/gate/gate.evolve.js';
import { type GateEvent, type GateState, gateInitial } from '../../src/gate/gate.state.js';

export const SELF = 'acme.shop.prod.refunds';
export const PLANE = 1_700_000_000_000;
/** The wall clock of this side is off by an hour: nothing may depend on it. */
export const SKEW = 3_600_000;
export const at = (mono: number): Instant => ({ mono, wall: PLANE + SKEW + mono });
export const action = { agent: SELF, resource: 'db:prod/orders', operation: 'update' };

export type Step = readonly [number, GateEvent];

/** Applies the steps, each judged as soon as it is heard; between them the event loop beats every 100 ms unless `still` says that it stood still. */
export const play = (
  steps: readonly Step[],
  still: readonly number[] = [],
  from = gateInitial(SELF, at(0)),
): GateState => {
  let state = from;
  let clock = 0;
  for (const [mono, event] of steps) {
    if (!still.includes(mono)) {
      for (; clock + 100 < mono; clock += 100) state = evolveGate(state, { kind: 'beat' }, at(clock + 100));
    }
    const timed = 'heardAt' in event ? { ...event, heardAt: mono } : event;
    state = evolveGate(state, timed, at(mono));
    clock = mono;
  }
  return state;
};

export const beatsUntil = (state: GateState, from: number, to: number): GateState => {
  let next = state;
  for (let t = from + 100; t <= to; t += 100) next = evolveGate(next, { kind: 'beat' }, at(t));
  return next;
};

export const reply = (
  askedAt: number,
  more: Partial<Extract<GateEvent, { kind: 'state' }>> = {},
): GateEvent => ({
  kind: 'state',
  askedAt,
  heardAt: askedAt + 4,
  planeMs: PLANE + askedAt + 2,
  epoch: 1,
  haltPosition: 0,
  validMs: 1500,
  halts: [],
  ...more,
});
export const lease = (
  issued: number,
  more: Partial<Extract<GateEvent, { kind: 'lease' }>> = {},
): GateEvent => ({
  kind: 'lease',
  heardAt: issued,
  planeMs: PLANE + issued,
  epoch: 1,
  haltPosition: 0,
  validMs: 1500,
  ...more,
});
export const heard = (scope = 'acme.shop', person = 'oncall'): GateEvent => ({
  kind: 'halt-heard',
  person,
  scope,
});
export const engaged = (
  id: string,
  mono: number,
  scope = 'acme.shop',
  person = 'oncall',
  position = 9,
): GateEvent => ({
  kind: 'halt-engaged',
  halt: { id, scope, person, at: PLANE + mono },
  position,
});
export const released = (halts: readonly string[], scope = 'acme.shop', position = 10): GateEvent => ({
  kind: 'halt-released',
  halts,
  scope,
  position,
});

export const kindAt = (state: GateState, mono: number) => decideGate(state, at(mono), action).kind;
export const codeAt = (state: GateState, mono: number) => {
  const status = decideGate(state, at(mono), action);
  return status.kind === 'closed' ? status.code : 'open';
};
