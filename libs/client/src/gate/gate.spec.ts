// The gate as a table of stories: what was heard, and whether it is open then.
import { describe, expect, it } from 'vitest';
import type { Instant } from '../clock.js';
import { planeTime } from './gate.clock.js';
import { decideGate, wantsState } from './gate.decide.js';
import { evolveGate } from './gate.evolve.js';
import { haltedWhole } from './gate.halts.js';
import { type GateEvent, type GateState, gateInitial } from './gate.state.js';

const SELF = 'acme.shop.prod.refunds';
const PLANE = 1_700_000_000_000;
/** The wall clock of this side is off by an hour: nothing may depend on it. */
const SKEW = 3_600_000;
const at = (mono: number): Instant => ({ mono, wall: PLANE + SKEW + mono });
const action = { agent: SELF, resource: 'db:prod/orders', operation: 'update' };

type Step = readonly [number, GateEvent];

/** Applies the steps; between them the event loop beats every 100 ms unless `still` says that it stood still. */
const play = (
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
    state = evolveGate(state, event, at(mono));
    clock = mono;
  }
  return state;
};

const beatsUntil = (state: GateState, from: number, to: number): GateState => {
  let next = state;
  for (let t = from + 100; t <= to; t += 100) next = evolveGate(next, { kind: 'beat' }, at(t));
  return next;
};

const reply = (askedAt: number, more: Partial<Extract<GateEvent, { kind: 'state' }>> = {}): GateEvent => ({
  kind: 'state',
  askedAt,
  planeMs: PLANE + askedAt + 2,
  epoch: 1,
  haltPosition: 0,
  validMs: 1500,
  halts: [],
  ...more,
});
const lease = (issued: number, more: Partial<Extract<GateEvent, { kind: 'lease' }>> = {}): GateEvent => ({
  kind: 'lease',
  planeMs: PLANE + issued,
  epoch: 1,
  haltPosition: 0,
  validMs: 1500,
  ...more,
});
const heard = (scope = 'acme.shop', person = 'oncall'): GateEvent => ({ kind: 'halt-heard', person, scope });
const engaged = (
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
const released = (halts: readonly string[], scope = 'acme.shop', position = 10): GateEvent => ({
  kind: 'halt-released',
  halts,
  scope,
  position,
});

const kindAt = (state: GateState, mono: number) => decideGate(state, at(mono), action).kind;
const codeAt = (state: GateState, mono: number) => {
  const status = decideGate(state, at(mono), action);
  return status.kind === 'closed' ? status.code : 'open';
};

describe('the lease', () => {
  it('keeps the gate closed from birth until the first state reply', () => {
    expect(codeAt(gateInitial(SELF, at(0)), 10)).toBe('WRIT-ENF-002');
    expect(kindAt(play([[10, reply(5)]]), 20)).toBe('open');
  });

  it('is not believed before a nonce round trip has measured the offset', () => {
    expect(codeAt(play([[100, lease(90)]]), 110)).toBe('WRIT-ENF-002');
  });

  it('closes the gate at its validity after the last one was issued, not after it was heard', () => {
    const state = play([
      [10, reply(5)],
      [900, lease(400)],
    ]);
    expect(kindAt(beatsUntil(state, 900, 1800), 1890)).toBe('open');
    expect(codeAt(beatsUntil(state, 900, 1900), 1910)).toBe('WRIT-ENF-002');
  });

  it('that is older than the one held changes nothing', () => {
    const state = play([
      [10, reply(5)],
      [520, lease(500)],
      [530, lease(100)],
    ]);
    expect(state.lease?.issuedAt).toBe(498);
  });

  it('from the future shuts the gate until the offset is measured anew: a clock step does not extend a lease', () => {
    const state = play([
      [10, reply(5)],
      [520, lease(60_000)],
    ]);
    expect(codeAt(state, 530)).toBe('WRIT-ENF-002');
    expect(wantsState(state, at(530))).toBe('now');
    expect(kindAt(play([[540, reply(535)]], [540], state), 545)).toBe('open');
  });

  it('of an older epoch is ignored', () => {
    const state = play([
      [10, reply(5, { epoch: 3 })],
      [1000, lease(990, { epoch: 2 })],
    ]);
    expect(codeAt(beatsUntil(state, 1000, 1500), 1510)).toBe('WRIT-ENF-002');
  });

  it('that names a halt position above its own closes the gate and forces a state read', () => {
    const state = play([
      [10, reply(5, { haltPosition: 7 })],
      [500, lease(498, { haltPosition: 8 })],
    ]);
    expect(codeAt(state, 510)).toBe('WRIT-ENF-002');
    expect(wantsState(state, at(510))).toBe('now');
    const read = play([[520, reply(515, { haltPosition: 8 })]], [520], state);
    expect(kindAt(read, 525)).toBe('open');
  });

  it('that names a position noticed here leaves the gate open and still asks for the state, to be sure', () => {
    const state = play([
      [10, reply(5)],
      [2100, lease(2095)],
      [2110, engaged('halt-1', 2105, 'acme.shop.prod.other')],
      [2500, lease(2495, { haltPosition: 9 })],
    ]);
    expect(kindAt(state, 2510)).toBe('open');
    expect(wantsState(state, at(2510))).toBe('soon');
  });
});

describe('a pause of the process', () => {
  it('shuts the gate before the buffered leases are read, until a state asked afterwards is answered', () => {
    const state = play(
      [
        [10, reply(5)],
        [500, lease(498)],
        [5500, lease(1000)],
        [5500, lease(5490)],
      ],
      [5500],
    );
    expect(codeAt(state, 5501)).toBe('WRIT-ENF-002');
    expect(codeAt(evolveGate(state, reply(400), at(5502)), 5503)).toBe('WRIT-ENF-002');
    expect(kindAt(evolveGate(state, reply(5502), at(5505)), 5506)).toBe('open');
  });

  it('closes the gate even when nothing has been processed since', () => {
    const state = play([[10, reply(5)]]);
    expect(codeAt(state, 512)).toBe('WRIT-ENF-002');
  });

  it('is seen by the monotonic clock alone, when the wall clock was set back meanwhile', () => {
    const state = play([[10, reply(5)]]);
    const later = { mono: 700, wall: PLANE + SKEW };
    const woken = evolveGate(state, lease(690), later);
    expect(decideGate(woken, later, action)).toMatchObject({ kind: 'closed', code: 'WRIT-ENF-002' });
  });

  it('of the machine, seen only by the wall clock, counts as well', () => {
    const state = play([[10, reply(5)]]);
    const asleep = { mono: 20, wall: PLANE + SKEW + 600_000 };
    expect(decideGate(evolveGate(state, { kind: 'beat' }, asleep), asleep, action).kind).toBe('closed');
  });
});

describe('a lost connection', () => {
  it('closes at once and opens only by a state asked after the reconnect', () => {
    const state = play([
      [10, reply(5)],
      [20, { kind: 'disconnected' }],
    ]);
    expect(codeAt(state, 21)).toBe('WRIT-ENF-002');
    const back = play([[100, { kind: 'reconnected' }]], [100], state);
    expect(codeAt(evolveGate(back, reply(90), at(110)), 111)).toBe('WRIT-ENF-002');
    expect(kindAt(evolveGate(back, reply(105), at(110)), 111)).toBe('open');
  });
});

describe('a halt', () => {
  const opened: Step = [10, reply(5)];

  it('closes on sight, without an id', () => {
    expect(codeAt(play([opened, [20, heard()]]), 21)).toBe('WRIT-ENF-001');
  });

  it('heard and then recorded is one halt, in either order', () => {
    const forward = play([opened, [20, heard()], [30, engaged('halt-1', 20)]]);
    const backward = play([opened, [20, engaged('halt-1', 20)], [30, heard()]]);
    for (const state of [forward, backward]) {
      expect([state.halts.size, state.heard.length]).toEqual([1, 0]);
      expect(kindAt(evolveGate(state, released(['halt-1']), at(40)), 41)).toBe('open');
    }
  });

  it('of the same person and scope heard twice is two halts: one release leaves the other', () => {
    const twice = play([
      opened,
      [20, heard()],
      [21, heard()],
      [30, engaged('halt-1', 20)],
      [31, engaged('halt-2', 21)],
    ]);
    const one = evolveGate(twice, released(['halt-1']), at(40));
    expect(codeAt(one, 41)).toBe('WRIT-ENF-001');
    expect(kindAt(evolveGate(one, released(['halt-2']), at(42)), 43)).toBe('open');
  });

  it('that the plane never recorded stays, until one like it is recorded and released', () => {
    const lost = play([opened, [20, heard()], [5000, reply(4990)]]);
    expect(codeAt(lost, 5001)).toBe('WRIT-ENF-001');
    const again = play(
      [
        [5010, heard()],
        [5020, engaged('halt-7', 5010)],
      ],
      [5010, 5020],
      lost,
    );
    expect(kindAt(evolveGate(again, released(['halt-7']), at(5030)), 5031)).toBe('open');
  });

  it('does not end because a state reply no longer lists it', () => {
    const state = play([opened, [20, engaged('halt-1', 20)], [40, reply(30, { haltPosition: 11 })]]);
    expect(codeAt(state, 41)).toBe('WRIT-ENF-001');
    expect([...state.unproven]).toEqual(['halt-1']);
  });

  it('recorded after a state reply was made leaves that reply too old to open the gate', () => {
    const state = play([
      opened,
      [15, { kind: 'reconnected' }],
      [20, engaged('halt-1', 20, 'acme.shop.prod.other', 'oncall', 9)],
      [40, reply(30, { haltPosition: 8 })],
    ]);
    expect(codeAt(state, 41)).toBe('WRIT-ENF-002');
  });

  it('in a state reply counts even when the reply is too old to open the gate', () => {
    const halts = [{ id: 'halt-3', scope: 'acme', person: 'oncall', at: PLANE }];
    const state = play([opened, [20, { kind: 'reconnected' }], [30, reply(8, { halts })]]);
    expect(codeAt(state, 31)).toBe('WRIT-ENF-001');
  });

  it('that was released is not engaged again by a late copy of its record', () => {
    const state = play([
      opened,
      [20, engaged('halt-1', 20)],
      [30, released(['halt-1'])],
      [40, engaged('halt-1', 20)],
    ]);
    expect(kindAt(state, 41)).toBe('open');
  });

  it('narrowed to a tool halts that tool only', () => {
    const tool = { resource: 'db:prod/**', operation: 'delete' };
    const state = play([opened, [20, { kind: 'halt-heard', person: 'oncall', scope: SELF, tool }]]);
    expect(kindAt(state, 21)).toBe('open');
    expect(decideGate(state, at(21), { ...action, operation: 'delete' }).kind).toBe('closed');
    expect(haltedWhole(state, SELF)).toBe(false);
  });

  it('released for a part of its scope goes on for the rest', () => {
    const start = gateInitial('acme.shop.prod.gateway', at(0), 'environment');
    const state = play([opened, [20, engaged('halt-1', 20)], [30, released(['halt-1'], SELF)]], [], start);
    const other = { ...action, agent: 'acme.shop.prod.other' };
    expect(decideGate(state, at(31), other).kind).toBe('closed');
  });

  it('on another agent stops an enforcement point for that agent only', () => {
    const start = gateInitial('acme.shop.prod.gateway', at(0), 'environment');
    const state = play([opened, [20, heard(SELF)]], [], start);
    expect(decideGate(state, at(21), action).kind).toBe('closed');
    expect(decideGate(state, at(21), { ...action, agent: 'acme.shop.prod.other' }).kind).toBe('open');
  });
});

it('a client that may not hear its halts never opens', () => {
  const state = play([
    [5, { kind: 'deaf' }],
    [10, reply(6)],
  ]);
  expect(codeAt(state, 11)).toBe('WRIT-ENF-002');
});

describe('the plane clock', () => {
  it('is remembered through a pause, for time stamps', () => {
    const state = play([
      [10, reply(0, { planeMs: PLANE })],
      [20, { kind: 'reconnected' }],
    ]);
    expect(planeTime(state, at(100))).toBe(PLANE + 95);
  });

  it('is reckoned from the round trip, and its upper bound from when it was asked', () => {
    const state = play([[10, reply(0, { planeMs: PLANE })]]);
    expect(planeTime(state, at(100))).toBe(PLANE + 95);
    expect(planeTime(state, at(100), 'late')).toBe(PLANE + 100);
  });
});
