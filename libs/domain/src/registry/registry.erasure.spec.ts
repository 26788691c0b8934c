// The rules of erasure and legal hold, given history, when a command comes.
import type { RegistryAction } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { digest, iso, recorded, uuid } from '../../test/given/recorded.js';
import { AGENT, addPerson, ann, given, T0, when, withBot } from '../../test/given/registry.js';
import {
  decideErased,
  decideRetention,
  erasedFlaw,
  evolveRegistry,
  explainMissing,
  openErasures,
  type RegistryState,
} from './index.js';

const refusal = (code: string) => expect.objectContaining({ kind: 'refused', code });
const changed = expect.objectContaining({ kind: 'changed' });
const reason = { _sd: [] };
const MONTH = '2026-02';
const erase = (target: Extract<RegistryAction, { do: 'erase' }>['target']): RegistryAction => ({
  do: 'erase',
  target,
  reason,
});
const hold = (target: Extract<RegistryAction, { do: 'place-hold' }>['target']): RegistryAction => ({
  do: 'place-hold',
  target,
  reason,
});
const month = { kind: 'agent-month', agent: AGENT, month: MONTH } as const;
const intent = { kind: 'intent', intentId: uuid(T0, 500) } as const;
const bob = { kind: 'subject' as const, subject: { _sd: [digest(900)] } };
const BOB = digest(901);
const CAROL = digest(902);
const orderOf = (state: RegistryState): string => openErasures(state).at(-1)?.event as string;
const holdOf = (state: RegistryState): string => [...state.holds.keys()].at(-1) as string;
const gone = (order: string) => ({ order, keys: 2, disclosures: { count: 7, digest: digest(77) } });
const carriedOut = (state: RegistryState, order = orderOf(state)): RegistryState =>
  decideErased(gone(order), state).events.reduce(
    (s, draft) => evolveRegistry(s, recorded(draft, { ver: s.ver + 1, seq: s.seq + 3, time: iso(T0) })),
    state,
  );

describe('an order of erasure', () => {
  it('names what is erased, stays open until it is recorded as carried out, and is recorded once', () => {
    const { result, state } = when(given(...withBot), erase(month));
    expect(result).toEqual(changed);
    expect(openErasures(state)).toMatchObject([{ what: month }]);
    const order = orderOf(state);
    const done = carriedOut(state);
    expect(openErasures(done)).toEqual([]);
    expect(done.erasures.get(order)?.done).toMatchObject({ keys: 2, disclosures: { count: 7 } });
    expect(decideErased(gone(order), done)).toMatchObject({ result: { kind: 'known' }, events: [] });
  });

  it('is refused while the same one is open, and may be given again after it was carried out', () => {
    const ordered = when(given(...withBot), erase(month)).state;
    expect(when(ordered, erase(month)).result).toEqual(refusal('WRIT-REG-003'));
    expect(when(carriedOut(ordered), erase(month)).result).toEqual(changed);
  });

  it('is refused for an agent that never was and for a month to come', () => {
    const state = given(...withBot);
    const nobody = erase({ ...month, agent: 'acme.shop.prod.nobody' });
    expect(when(state, nobody).result).toEqual(refusal('WRIT-REG-002'));
    expect(when(state, erase({ ...month, month: '2026-04' })).result).toEqual(refusal('WRIT-REG-006'));
  });

  it('knows a data subject by the pseudonym only', () => {
    const { state } = when(given(...withBot), erase(bob), { subject: BOB });
    expect(openErasures(state)).toMatchObject([{ what: { kind: 'subject', subject: BOB } }]);
    expect(JSON.stringify(state.erasures)).not.toContain(digest(900));
    expect(() => when(given(...withBot), erase(bob))).toThrow('pseudonym');
  });

  it('is for an administrator of the scope: an auditor may hold, and erase nothing', () => {
    const state = given(
      ...withBot,
      addPerson('eve', 101, ['auditor', 'acme']),
      addPerson('sam', 102, ['admin', 'acme.shop.staging']),
    );
    const eve = { kind: 'person', person: 'eve' } as const;
    const sam = { kind: 'person', person: 'sam' } as const;
    expect(when(state, erase(month), { author: ann }).result).toEqual(changed);
    expect(when(state, erase(month), { author: eve }).result).toEqual(refusal('WRIT-REG-001'));
    expect(when(state, erase(month), { author: sam }).result).toEqual(refusal('WRIT-REG-001'));
    expect(when(state, erase(intent), { author: sam }).result).toEqual(refusal('WRIT-REG-001'));
    const scope = { kind: 'scope', scope: AGENT } as const;
    expect(when(state, hold(scope), { author: eve }).result).toEqual(changed);
    expect(when(state, hold(scope), { author: sam }).result).toEqual(refusal('WRIT-REG-001'));
  });

  it('that nobody gave cannot be recorded as carried out', () => {
    const state = given(...withBot);
    const order = `${uuid(T0, 1)}.registry.0`;
    expect(decideErased(gone(order), state).result).toEqual(refusal('WRIT-ERA-004'));
    expect(erasedFlaw(gone(order), state)).toContain('nobody ordered');
  });
});

describe('a legal hold', () => {
  it.each([
    ['the agent', { kind: 'scope', scope: AGENT }, month],
    ['its environment', { kind: 'scope', scope: 'acme.shop.prod' }, month],
    ['the organisation, whose every action it covers', { kind: 'scope', scope: 'acme' }, intent],
    ['the intent', intent, intent],
    ['the person', bob, bob],
  ] as const)('on %s refuses the erasure until it is lifted', (_what, target, what) => {
    const held = when(given(...withBot), hold(target), { subject: BOB }).state;
    expect(when(held, erase(what), { subject: BOB }).result).toEqual(refusal('WRIT-ERA-001'));
    const lifted = when(held, { do: 'lift-hold', hold: holdOf(held), reason });
    expect(lifted.result).toEqual(changed);
    expect(when(lifted.state, erase(what), { subject: BOB }).result).toEqual(changed);
  });

  it('on something else refuses nothing', () => {
    const others = [
      { kind: 'scope', scope: 'acme.shop.staging' },
      { kind: 'scope', scope: 'acme.shop.prod.bo' },
      { kind: 'intent', intentId: uuid(T0, 501) },
    ] as const;
    const held = given(...withBot, ...others.map(hold));
    expect(when(held, erase(month)).result).toEqual(changed);
    expect(when(held, erase(intent)).result).toEqual(changed);
    const carol = when(held, hold(bob), { subject: CAROL }).state;
    expect(when(carol, erase(bob), { subject: BOB }).result).toEqual(changed);
  });

  it('placed after the order is seen by whoever carries it out, and by whoever judges the record', () => {
    const ordered = when(given(...withBot), erase(month)).state;
    const order = orderOf(ordered);
    expect(erasedFlaw(gone(order), ordered)).toBeUndefined();
    const held = when(ordered, hold({ kind: 'scope', scope: 'acme.shop' })).state;
    expect(erasedFlaw(gone(order), held)).toContain('covered it');
  });

  it('is placed once and lifted once', () => {
    const held = when(given(...withBot), hold(intent)).state;
    expect(when(held, hold(intent)).result).toEqual(refusal('WRIT-REG-003'));
    const lift: RegistryAction = { do: 'lift-hold', hold: holdOf(held), reason };
    const lifted = when(held, lift).state;
    expect(when(lifted, lift).result).toEqual(refusal('WRIT-REG-002'));
    expect(when(lifted, hold(intent)).result).toEqual(changed);
  });
});

describe('the end of a retention', () => {
  const due = { id: uuid(T0, 600), class: 'financial', before: iso(T0) };

  it('is ordered by the registry itself, once while it is open', () => {
    const state = given(...withBot);
    const { result, events } = decideRetention(due, state);
    expect(result.kind).toBe('recorded');
    const ordered = events.reduce(
      (s, draft) => evolveRegistry(s, recorded(draft, { ver: s.ver + 1, seq: s.seq + 3, time: iso(T0) })),
      state,
    );
    expect(decideRetention({ ...due, id: uuid(T0, 601) }, ordered)).toMatchObject({
      result: { kind: 'known', event: orderOf(ordered) },
      events: [],
    });
    expect(openErasures(carriedOut(ordered))).toEqual([]);
  });
});

describe('a disclosure that is not there', () => {
  const about = { agent: AGENT, month: MONTH, committedAt: 1, intentId: intent.intentId };
  const explained = (state: RegistryState, more: object = {}) =>
    explainMissing(state.erasures.values(), { ...about, ...more });

  it('is erased when an erasure of its agent and month, or of its intent, is recorded after it', () => {
    for (const target of [month, intent]) {
      const ordered = when(given(...withBot), erase(target)).state;
      expect(explained(ordered)).toEqual({ kind: 'not-available' });
      const done = carriedOut(ordered);
      expect(explained(done)).toMatchObject({ kind: 'erased', seq: done.seq });
      expect(explained(done, { committedAt: done.seq + 1 })).toEqual({ kind: 'not-available' });
    }
  });

  it('is merely not available when only others were erased', () => {
    const done = carriedOut(when(given(...withBot), erase(month)).state);
    expect(explained(done, { month: '2026-01' })).toEqual({ kind: 'not-available' });
    expect(explained(done, { agent: 'acme.shop.prod.other' })).toEqual({ kind: 'not-available' });
  });

  it("is explained by the vault's list where only the vault knows whom it was about", () => {
    const ordered = when(given(...withBot), erase(bob), { subject: BOB }).state;
    const order = orderOf(ordered);
    const done = carriedOut(ordered);
    expect(explained(done)).toEqual({ kind: 'not-available' });
    expect(explained(done, { listedUnder: order })).toMatchObject({ kind: 'erased', order });
  });
});
