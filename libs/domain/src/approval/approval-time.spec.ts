// What time, halts and overrides do to a gate.
import { describe, expect, it } from 'vitest';
import { cast, INTENT, openedGate } from '../../test/gates.js';
import { AGENT, at, digest, frameOf, uuid } from '../../test/recording.js';
import { decideFreeze, decideThaw, decideTimeout, dueGates, gateOf, nextGateDue } from './index.js';

describe('time', () => {
  it('applies the own fallback of the gate once, at its deadline', () => {
    const ledger = openedGate({ spec: { fallback: 'allow' }, data: { lowRisk: true } });
    expect(decideTimeout({ intentId: INTENT, now: at(599_999) }, ledger.state).result).toEqual({
      kind: 'not-due',
    });
    expect(dueGates(ledger.state, at(600_000))).toEqual([INTENT]);
    ledger.tell(decideTimeout({ intentId: INTENT, now: at(600_000) }, ledger.state).events);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({
      ...{ status: 'timed-out-allow', via: 'timeout-fallback', until: at(900_000) },
    });
    const again = decideTimeout({ intentId: INTENT, now: at(700_000) }, ledger.state);
    expect(again).toMatchObject({ result: { kind: 'known' }, events: [] });
  });

  it('denies on timeout by default, without any time to use it', () => {
    const ledger = openedGate();
    ledger.tell(decideTimeout({ intentId: INTENT, now: at(600_000) }, ledger.state).events);
    expect(gateOf(ledger.state, INTENT)?.status).toBe('timed-out-deny');
    expect(gateOf(ledger.state, INTENT)?.until).toBeUndefined();
  });

  it('keeps the remaining time of a gate through a halt, twice over', () => {
    const ledger = openedGate();
    const freeze = (ms: number) =>
      ledger.tell(decideFreeze({ intentId: INTENT, halts: [], now: at(ms) }, ledger.state).events);
    const thaw = (ms: number) =>
      ledger.tell(decideThaw({ intentId: INTENT, releases: [], now: at(ms) }, ledger.state).events);
    freeze(100_000);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({ status: 'frozen', remainingMs: 500_000 });
    expect(dueGates(ledger.state, at(9_000_000))).toEqual([]);
    expect(nextGateDue(ledger.state)).toBeUndefined();
    expect(freeze(200_000)).toEqual([]);
    thaw(1_000_000);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({ status: 'open', deadline: at(1_500_000) });
    expect(thaw(1_100_000)).toEqual([]);
    const [again] = freeze(1_400_000);
    thaw(1_500_000);
    expect(again?.document.id).toBe(`${INTENT}.approval.12`);
    expect(nextGateDue(ledger.state)).toBe(at(1_600_000));
  });

  it('thaws no further than the deadline of the intent', () => {
    const ledger = openedGate();
    ledger.tell(decideFreeze({ intentId: INTENT, halts: [], now: at(0) }, ledger.state).events);
    const input = { intentId: INTENT, releases: [], now: at(3_500_000), notAfter: at(3_600_000) };
    expect(decideThaw(input, ledger.state).result).toMatchObject({ deadline: at(3_600_000) });
  });

  it('lets a recorded override speak after a rejection and nothing else', () => {
    const ledger = openedGate({ spec: { quorum: 1 } });
    cast(ledger, 'ada', { choice: 'reject' });
    const base = { agent: AGENT, intentId: INTENT, intentDigest: digest('intent1') };
    const causes = { agent: AGENT, causationid: INTENT, correlationid: INTENT };
    const timedOut = { ...base, fallback: 'allow', deadline: at(0), until: at(9000) };
    ledger.tell([
      { ...causes, id: `${INTENT}.approval.2`, type: 'writ.approval.timed-out.v1', data: timedOut },
    ]);
    expect(gateOf(ledger.state, INTENT)?.status).toBe('rejected');
    const force = { ...base, effect: 'force', command: frameOf({}), person: 'zoe', until: at(9000) };
    ledger.tell([
      { ...causes, id: `${uuid(7)}.approval.0`, type: 'writ.approval.overridden.v1', data: force },
    ]);
    expect(gateOf(ledger.state, INTENT)).toMatchObject({
      status: 'granted',
      via: 'override',
      people: ['zoe'],
    });
  });
});
