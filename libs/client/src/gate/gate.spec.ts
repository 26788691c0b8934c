// The lease half of the gate as stories: leases, pauses, lost connections, the plane's clock.
import { describe, expect, it } from 'vitest';
import {
  action,
  at,
  beatsUntil,
  codeAt,
  engaged,
  kindAt,
  lease,
  PLANE,
  play,
  reply,
  SELF,
  SKEW,
} from '../../test/peer/gate-stories.js';
import { planeTime } from './gate.clock.js';
import { decideGate, wantsState } from './gate.decide.js';
import { evolveGate } from './gate.evolve.js';
import { gateInitial } from './gate.state.js';

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
