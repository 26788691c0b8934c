// The halt half of the gate as stories: what was heard, recorded and released, and whether it is open then.
import { describe, expect, it } from 'vitest';
import {
  action,
  at,
  beatsUntil,
  codeAt,
  engaged,
  heard,
  kindAt,
  PLANE,
  play,
  released,
  reply,
  SELF,
  type Step,
} from '../../test/peer/gate-stories.js';
import { decideGate, wantsState } from './gate.decide.js';
import { evolveGate } from './gate.evolve.js';
import { haltedWhole } from './gate.halts.js';
import { gateInitial } from './gate.state.js';

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

  it('that covers the whole agent makes no read of the state urgent; its release does', () => {
    const state = play([
      [10, reply(5)],
      [20, heard()],
      [30, engaged('halt-1', 20)],
    ]);
    const old = beatsUntil(state, 30, 3030);
    expect(wantsState(old, at(3040))).toBe('no');
    expect(wantsState(evolveGate(old, released(['halt-1']), at(3050)), at(3050))).toBe('now');
    const early = play([[10, heard()]]);
    expect(wantsState(early, at(20))).toBe('now');
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
