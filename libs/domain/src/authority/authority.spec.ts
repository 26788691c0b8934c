// Halts, releases and openings on the authority subject.
import type { Command } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { AGENT, at, command, ENV, following, frameOf, nothing, OTHER, uuid } from '../../test/recording.js';
import {
  authorityInitial,
  decideOpenEnvironment,
  decideRelease,
  evolveAuthority,
  fullHaltsCovering,
  haltDraft,
  haltPosition,
  haltsCovering,
  haltsInForce,
  hasFact,
  hasSeenHalt,
  isOpened,
  revokeDraft,
} from './index.js';

const ledgerWith = (...drafts: Parameters<ReturnType<typeof following>['tell']>[0]) => {
  const ledger = following(authorityInitial, evolveAuthority);
  ledger.tell(drafts);
  return ledger;
};

const halt = (haltId: string, scope = ENV, tool?: { resource: string; operation: string }) =>
  haltDraft({
    ...{ haltId, environment: ENV, scope, tool, person: 'oncall', cause: 'human', reason: nothing },
    heardAt: at(0),
  });

const releasing = (n: number, halts: readonly string[], scope = ENV, expires = at(60_000)) => {
  const doc = command(n, { do: 'release', scope, halts, reason: nothing }, expires) as Command;
  const signers = [{ person: 'oncall', frame: frameOf(doc) }];
  return { command: doc, signers, authorised: true, environment: ENV, now: at(1000) };
};

const delete17 = { resource: 'db:shop/orders/17', operation: 'delete' };

describe('opening an environment', () => {
  const registryEvent = { id: `${uuid(3)}.registry.0`, correlationid: uuid(3) };
  const over = { id: 'halt-4', scope: 'acme', person: 'oncall', engagedAt: at(0), position: 9 };
  const input = {
    ...{ environment: ENV, registryEvent },
    haltsInForce: [
      { ...over, event: 'halt-4.authority.0.shop.test' },
      { ...over, id: 'halt-5', scope: 'globex', event: 'halt-5.authority.0.shop.test' },
    ],
  };

  it('opens once, with exactly the halts that already cover it', () => {
    const ledger = ledgerWith(...decideOpenEnvironment(input, authorityInitial).events);
    expect(isOpened(ledger.state)).toBe(true);
    expect(haltsInForce(ledger.state).map((h) => h.id)).toEqual(['halt-4']);
    expect(decideOpenEnvironment(input, ledger.state)).toMatchObject({
      result: { kind: 'known' },
      events: [],
    });
  });

  it('names the halts that stop everything before those of a tool when there are more than it can name', () => {
    const tool = { resource: 'db:shop/**', operation: 'delete' };
    const narrow = Array.from({ length: 64 }, (_, n) => ({
      ...{ ...over, tool, id: `halt-${n + 10}`, event: `halt-${n + 10}.authority.0.shop.test` },
    }));
    const full = { ...over, event: 'halt-4.authority.0.shop.test' };
    const many = { ...input, haltsInForce: [...narrow, full] };
    const { state } = ledgerWith(...decideOpenEnvironment(many, authorityInitial).events);
    expect(haltsInForce(state)).toHaveLength(64);
    expect(fullHaltsCovering(state, AGENT).map((h) => h.id)).toEqual(['halt-4']);
  });

  it('knows which halts it began under, released since or not, and how far the others were folded then', () => {
    const ledger = ledgerWith(
      halt('halt-9', OTHER),
      ...decideOpenEnvironment(input, authorityInitial).events,
    );
    const seen = (id: string) => hasSeenHalt(ledger.state, id, `${id}.authority.0.shop.prod`);
    ledger.tell(decideRelease(releasing(1, ['halt-4'], 'acme'), ledger.state).events);
    expect(['halt-4', 'halt-9', 'halt-5'].map(seen)).toEqual([true, true, false]);
    expect(ledger.state.opened?.seen).toBe(1);
  });

  it('does not open by a halt alone', () => {
    expect(isOpened(ledgerWith(halt('halt-1')).state)).toBe(false);
  });
});

describe('halts', () => {
  it('count once by their event, for ever: a doubled one does not come back after its release', () => {
    const ledger = ledgerWith(halt('halt-1'), halt('halt-1'));
    expect(haltsInForce(ledger.state)).toHaveLength(1);
    ledger.tell(decideRelease(releasing(1, ['halt-1']), ledger.state).events);
    ledger.tell([halt('halt-1')]);
    expect(haltsInForce(ledger.state)).toEqual([]);
    expect(hasFact(ledger.state, 'halt-1.authority.0.shop.prod')).toBe(true);
  });

  it('cover by scope, from the organisation down to one agent', () => {
    const covering = (scope: string, agent: string) =>
      haltsCovering(ledgerWith(halt('halt-1', scope)).state, agent, delete17).length;
    expect(['acme', 'acme.shop', ENV, AGENT].map((scope) => covering(scope, AGENT))).toEqual([1, 1, 1, 1]);
    expect(['acm', 'acme.sho', OTHER].map((scope) => covering(scope, AGENT))).toEqual([0, 0, 0]);
  });

  it('narrowed to a tool stop what matches, and are told to those who ask without an action', () => {
    const { state } = ledgerWith(halt('halt-1', ENV, { resource: 'db:shop/**', operation: 'del*' }));
    expect(haltsCovering(state, AGENT, delete17)).toHaveLength(1);
    expect(haltsCovering(state, AGENT, { ...delete17, operation: 'select' })).toEqual([]);
    expect(haltsCovering(state, AGENT, { ...delete17, resource: 'mail:out' })).toEqual([]);
    expect(haltsCovering(state, AGENT)).toHaveLength(1);
    expect(fullHaltsCovering(state, AGENT)).toEqual([]);
  });

  it('move the halt position, as releases do; nothing else does', () => {
    const ledger = ledgerWith(halt('halt-1'));
    ledger.tell([revokeDraft({ agent: AGENT, intentId: uuid(9), codes: ['halt'] })]);
    expect(haltPosition(ledger.state)).toBe(1);
    ledger.tell(decideRelease(releasing(1, ['halt-1']), ledger.state).events);
    expect(haltPosition(ledger.state)).toBe(3);
  });
});

describe('releases', () => {
  it('release exactly the named halts; another that covers the same agent stays in force', () => {
    const ledger = ledgerWith(halt('halt-1'), halt('halt-2', AGENT));
    const { result, events } = decideRelease(releasing(1, ['halt-2']), ledger.state);
    ledger.tell(events);
    expect(result).toMatchObject({ kind: 'released', halts: ['halt-2'] });
    expect(haltsCovering(ledger.state, AGENT).map((h) => h.id)).toEqual(['halt-1']);
  });

  it('refuse names that are not in force, unless they are in force elsewhere', () => {
    const { state } = ledgerWith(halt('halt-1'));
    const both = releasing(1, ['halt-1', 'halt-7']);
    expect(decideRelease(both, state)).toMatchObject({ result: { code: 'WRIT-HLT-001' }, events: [] });
    expect(decideRelease({ ...both, elsewhere: ['halt-7'] }, state).result).toMatchObject({
      halts: ['halt-1'],
    });
    const none = { ...releasing(1, ['halt-7']), elsewhere: ['halt-7'] };
    expect(decideRelease(none, state).result).toMatchObject({ code: 'WRIT-HLT-001' });
  });

  it('refuse a halt that is wider than the released scope', () => {
    const { state } = ledgerWith(halt('halt-1', 'acme'));
    expect(decideRelease(releasing(1, ['halt-1']), state).result).toMatchObject({ code: 'WRIT-HLT-002' });
    expect(decideRelease(releasing(1, ['halt-1'], 'acme'), state).result).toMatchObject({ kind: 'released' });
  });

  it('refuse without authority, with too few distinct people, and when expired', () => {
    const { state } = ledgerWith(halt('halt-1'));
    const ask = releasing(1, ['halt-1']);
    const twice = { ...ask, signers: [ask.signers[0]!, ask.signers[0]!], required: 2 };
    expect(decideRelease({ ...ask, authorised: false }, state).result).toMatchObject({
      code: 'WRIT-HLT-002',
    });
    expect(decideRelease(twice, state).result).toMatchObject({ code: 'WRIT-HLT-002' });
    expect(decideRelease({ ...ask, now: at(60_000) }, state).result).toMatchObject({ code: 'WRIT-REG-005' });
  });

  it('invariant 11: the same signed release does not release a later halt of the same name', () => {
    const ledger = ledgerWith(halt('halt-1'));
    ledger.tell(decideRelease(releasing(1, ['halt-1']), ledger.state).events);
    ledger.tell([{ ...halt('halt-1'), id: 'halt-1.authority.1.shop.prod' }]);
    expect(haltsInForce(ledger.state)).toHaveLength(1);
    const again = decideRelease(releasing(1, ['halt-1']), ledger.state);
    expect(again).toMatchObject({ result: { kind: 'known' }, events: [] });
  });
});
