// What is recorded after a halt: who stopped, who is silent, whose state is kept and given back.
import type { Ack, PreserveRequest } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import {
  AGENT,
  at,
  digest,
  ENV,
  following,
  frameOf,
  live,
  OTHER,
  PROXY,
  uuid,
} from '../../test/recording.js';
import {
  acknowledgedBy,
  decideAck,
  decidePreserve,
  decideRestore,
  decideUnconfirmed,
  evolveStop,
  PRESERVED_MAX_BYTES,
  preservedOf,
  stopInitial,
  unconfirmedOf,
} from './index.js';

const self = { name: AGENT, role: 'agent' as const };
const proxy = { name: PROXY, role: 'enforcement-point' as const };

const acking = (n: number, more: Partial<Ack['data']> = {}, asker: typeof self | typeof proxy = self) => {
  const data = { agent: AGENT, halts: ['halt-1'], state: 'aborted', aborted: 1, heardAt: at(0), ...more };
  const ack = live('ack', uuid(n), data) as Ack;
  return { ack, frame: frameOf(ack), asker, known: (halt: string) => halt !== 'halt-9' };
};

const preserving = (
  n: number,
  op: 'put' | 'get',
  state = 'one',
  more: Partial<PreserveRequest['data']> = {},
) => {
  const data = { agent: AGENT, op, digest: digest(state), bytes: 12, halts: ['halt-1'], ...more };
  const request = live('preserve-request', uuid(n), data) as PreserveRequest;
  return { request, frame: frameOf(request), asker: self as typeof self | typeof proxy };
};

const ledger = () => following(stopInitial, evolveStop);

describe('acknowledgements', () => {
  it('say who stopped and how, once; a change of state is recorded again', () => {
    const l = ledger();
    l.tell(decideAck(acking(1, { state: 'cannot-abort' }), l.state).events);
    expect(decideAck(acking(1, { state: 'cannot-abort' }), l.state)).toMatchObject({
      ...{ result: { kind: 'known' }, events: [] },
    });
    expect(decideAck(acking(2, { state: 'cannot-abort' }), l.state).events).toEqual([]);
    l.tell(decideAck(acking(3, { state: 'idle', aborted: 0 }), l.state).events);
    expect(acknowledgedBy(l.state, 'halt-1')).toMatchObject([{ agent: AGENT, state: 'idle' }]);
  });

  it('count only for halts that exist', () => {
    const both = decideAck(acking(1, { halts: ['halt-1', 'halt-9'] }), stopInitial);
    expect(both.events[0]?.data).toMatchObject({ halts: ['halt-1'] });
    const none = decideAck(acking(1, { halts: ['halt-9'] }), stopInitial);
    expect(none.result).toMatchObject({ code: 'WRIT-HLT-001' });
  });

  it('come from the agent itself or an enforcement point of its environment', () => {
    expect(decideAck(acking(1, {}, proxy), stopInitial).result).toMatchObject({ kind: 'recorded' });
    const foreign = { name: 'acme.shop.test.db-proxy', role: 'enforcement-point' as const };
    for (const asker of [{ ...self, name: OTHER }, foreign]) {
      expect(decideAck({ ...acking(1), asker }, stopInitial).result).toMatchObject({ code: 'WRIT-FRM-007' });
    }
  });
});

describe('silence', () => {
  const silent = (agents: string[]) => ({ environment: ENV, halt: 'halt-1', agents });

  it('stays visible until the agent acknowledges, and is written only when it changes', () => {
    const l = ledger();
    l.tell(decideUnconfirmed(silent([OTHER, AGENT]), l.state).events);
    expect(unconfirmedOf(l.state, 'halt-1')).toEqual([AGENT, OTHER]);
    expect(decideUnconfirmed(silent([AGENT, OTHER]), l.state).events).toEqual([]);
    l.tell(decideAck(acking(1), l.state).events);
    expect(unconfirmedOf(l.state, 'halt-1')).toEqual([OTHER]);
    const [second] = decideUnconfirmed(silent([AGENT, OTHER]), l.state).events;
    expect(second).toMatchObject({ id: 'halt-1.stop.1.shop.prod', data: { agents: [OTHER] } });
  });

  it('is not recorded where everybody has acknowledged', () => {
    const l = ledger();
    l.tell(decideAck(acking(1), l.state).events);
    expect(decideUnconfirmed(silent([AGENT]), l.state).events).toEqual([]);
  });
});

describe('preserved state', () => {
  it('is kept by digest, once, and the latest takes the place of an earlier one', () => {
    const l = ledger();
    l.tell(decidePreserve(preserving(1, 'put'), l.state).events);
    expect(preservedOf(l.state, AGENT)).toMatchObject({ digest: digest('one'), bytes: 12 });
    expect(decidePreserve(preserving(2, 'put'), l.state).events).toEqual([]);
    l.tell(decidePreserve(preserving(3, 'put', 'two'), l.state).events);
    const old = decideRestore({ ...preserving(4, 'get', 'one'), halted: false }, l.state);
    expect(old.result).toMatchObject({ code: 'WRIT-HLT-005' });
  });

  it('is refused when too large, for another agent, or as the wrong request', () => {
    const big = preserving(1, 'put', 'one', { bytes: PRESERVED_MAX_BYTES + 1 });
    expect(decidePreserve(big, stopInitial).result).toMatchObject({ code: 'WRIT-HLT-004' });
    const other = { ...preserving(1, 'put'), asker: { ...self, name: OTHER } };
    expect(decidePreserve(other, stopInitial).result).toMatchObject({ code: 'WRIT-FRM-007' });
    expect(decidePreserve(preserving(1, 'get'), stopInitial).result).toMatchObject({ code: 'WRIT-FRM-009' });
  });

  it('comes back after the release and not before, and again for an agent that crashed meanwhile', () => {
    const l = ledger();
    l.tell(decidePreserve(preserving(1, 'put'), l.state).events);
    const get = preserving(2, 'get');
    expect(decideRestore({ ...get, halted: true }, l.state).result).toMatchObject({ code: 'WRIT-DEC-008' });
    l.tell(decideRestore({ ...get, halted: false }, l.state).events);
    expect(preservedOf(l.state, AGENT)?.restored).toBe(`${uuid(2)}.stop.0`);
    const again = decideRestore({ ...preserving(3, 'get'), halted: false }, l.state);
    expect(again).toMatchObject({
      result: { kind: 'known', preserved: { digest: digest('one') } },
      events: [],
    });
  });

  it('is given to nobody else, and not by a digest that is not kept', () => {
    const l = ledger();
    l.tell(decidePreserve(preserving(1, 'put'), l.state).events);
    const thief = { ...preserving(2, 'get'), asker: { ...self, name: OTHER }, halted: false };
    expect(decideRestore(thief, l.state).result).toMatchObject({ code: 'WRIT-FRM-007' });
    const guess = { ...preserving(2, 'get', 'guess'), halted: false };
    expect(decideRestore(guess, l.state).result).toMatchObject({ code: 'WRIT-HLT-005' });
  });
});
