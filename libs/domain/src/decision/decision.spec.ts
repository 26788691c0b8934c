// The policy decision point, given an environment, when an intent comes.
import { describe, expect, it } from 'vitest';
import { boundaryOf, rule } from '../../test/given/boundary.js';
import { ask, disclosure, inputOf, registryWith, sweep } from '../../test/given/decision.js';
import { digest, uuid } from '../../test/given/recorded.js';
import { T0, when } from '../../test/given/registry.js';
import { decideIntent, decisionInitial } from './index.js';

const minutes = (n: number) => n * 60_000;
const refusal = (code: string) => expect.objectContaining({ kind: 'refused', code });
const open = registryWith(boundaryOf({ rules: [rule({})] }));
const dataOf = (asked: ReturnType<typeof ask>) =>
  asked.events[0]!.document.data as unknown as Record<string, unknown>;

describe('invariant 4: an intent id gets one decision, however often it is sent and whatever crashes', () => {
  it('answers the same intent again with the same event and writes nothing', () => {
    const first = ask(open);
    expect(first.result).toMatchObject({
      kind: 'decided',
      effect: 'permit',
      eventId: `${uuid(T0, 1)}.decision.0`,
    });
    const again = ask(open, { at: T0 + minutes(1), time: T0 }, first.state);
    expect(again.result).toEqual({ kind: 'known', eventId: `${uuid(T0, 1)}.decision.0` });
    expect(again.events).toEqual([]);
  });

  it('refuses the id for another content, while the answer is held and after', () => {
    const first = ask(open);
    expect(ask(open, { content: 1 }, first.state).result).toEqual(refusal('WRIT-DEC-002'));
    const later = ask(open, { at: T0 + minutes(12), n: 2 }, first.state);
    expect(later.state.intents.has(uuid(T0, 1))).toBe(false);
    const reused = { at: T0 + minutes(12), time: T0 + minutes(12), idAt: T0, content: 1 };
    expect(ask(open, reused, later.state).result).toEqual(refusal('WRIT-DEC-001'));
  });

  it('remembers an answer for four minutes, and longer while its permit or gate can be open', () => {
    const gated = registryWith(boundaryOf({ rules: [rule({ effect: 'gate', gate: 'people' })] }));
    const first = ask(gated, { deadline: T0 + minutes(60) });
    expect(first.result).toMatchObject({ effect: 'gate' });
    const held = [5, 10, 15, 20].reduce(
      (state, n) => ask(gated, { at: T0 + minutes(n), n: n + 10 }, state).state,
      first.state,
    );
    const again = ask(gated, { at: T0 + minutes(20), time: T0, deadline: T0 + minutes(60) }, held);
    expect(again.result).toMatchObject({ kind: 'known' });
    const over = [28, 33].reduce(
      (state, n) => ask(gated, { at: T0 + minutes(n), n: n + 10 }, state).state,
      held,
    );
    expect(over.intents.has(uuid(T0, 1))).toBe(false);
  });
});

describe('timeliness', () => {
  it.each([
    ['older than two minutes', { time: T0 - 120_001 }, 'WRIT-DEC-001'],
    ['with an older id', { idAt: T0 - 120_001 }, 'WRIT-DEC-001'],
    ['too far ahead', { time: T0 + 30_001 }, 'WRIT-DEC-001'],
    ['past its deadline', { deadline: T0 }, 'WRIT-DEC-003'],
  ])('refuses an intent %s and records nothing', (_what, how, code) => {
    const asked = ask(open, { at: T0, ...how });
    expect(asked.result).toEqual(refusal(code));
    expect(asked.events).toEqual([]);
  });

  it('takes one that is exactly two minutes old, or half a minute ahead', () => {
    expect(ask(open, { at: T0, time: T0 - 120_000 }).result).toMatchObject({ effect: 'permit' });
    expect(ask(open, { at: T0, time: T0 + 30_000 }).result).toMatchObject({ effect: 'permit' });
  });
});

describe('what is recorded', () => {
  it('names boundary, rule, codes, inputs, and lets a permit end with its seconds or the deadline', () => {
    const data = dataOf(ask(open));
    expect(data).toMatchObject({
      boundary: { name: 'ops', digest: digest(700), level: 1 },
      rule: 'r1',
      codes: ['rule-permit'],
      inputs: { agentStatus: 'active', halted: false },
      expires: '2026-03-01T12:05:00.000Z',
    });
    expect(dataOf(ask(open, { deadline: T0 + 1000 }))).toMatchObject({ expires: '2026-03-01T12:00:01.000Z' });
  });

  it('discloses the clear fields that rules read, and no private one', () => {
    const rules = [rule({ when: 'args.rows < 9' })];
    const registry = registryWith(boundaryOf({ clear: ['args.rows', 'args.note'], rules }));
    const asked = ask(registry, { args: { rows: 3, note: 'x', iban: 'DE00' } });
    expect(asked.result).toMatchObject({ effect: 'permit' });
    const held = (dataOf(asked)['disclosed'] as string[]).map((d) => Buffer.from(d, 'base64url').toString());
    expect(held).toEqual([expect.stringContaining('"rows",3')]);
  });

  it('refuses disclosures that name a field twice or cannot be read, and records nothing', () => {
    const input = inputOf(open, {});
    for (const disclosed of [[disclosure('rows', 1), disclosure('rows', 2)], ['%%']]) {
      const { result, events } = decideIntent({ ...input, disclosed }, decisionInitial);
      expect(result).toEqual(refusal('WRIT-FRM-013'));
      expect(events).toEqual([]);
    }
  });

  it('denies without a boundary, and an agent that is not in service', () => {
    const none = ask(registryWith());
    expect(none.result).toMatchObject({ effect: 'deny' });
    expect(dataOf(none)).toMatchObject({ boundary: null, codes: ['no-boundary'] });
    const unknown = ask(open, { agent: 'acme.shop.prod.ghost' });
    expect(dataOf(unknown)).toMatchObject({ codes: ['agent-unknown'] });
    const { state: retired } = when(open, { do: 'retire-agent', agent: 'acme.shop.prod.bot' });
    expect(dataOf(ask(retired))).toMatchObject({ codes: ['agent-retired'] });
  });

  it('denies when the gate that the boundary names is not in force', () => {
    const lost = registryWith(boundaryOf({ rules: [rule({ effect: 'gate', gate: 'nobody' })] }));
    expect(dataOf(ask(lost))).toMatchObject({ rule: 'r1', codes: ['gate-not-found'] });
  });

  it('escalates with the gate by digest and lives as long as gate and grant', () => {
    const gated = registryWith(
      boundaryOf({ rules: [rule({ effect: 'gate', gate: 'people', lowRisk: true })] }),
    );
    expect(dataOf(ask(gated, { deadline: T0 + minutes(60) }))).toMatchObject({
      gate: { name: 'people', digest: digest(800) },
      lowRisk: true,
      expires: '2026-03-01T12:25:00.000Z',
    });
  });

  it('denies while halted or isolated', () => {
    expect(dataOf(ask(open, { halted: true }))).toMatchObject({ codes: ['halted'] });
    expect(dataOf(ask(open, { containment: 'isolate' }))).toMatchObject({ codes: ['containment-isolate'] });
  });
});

describe('limits', () => {
  const limit = {
    id: 'burst',
    resource: 'pg:**',
    operations: ['*'],
    max: 2,
    windowSeconds: 10,
    effect: 'deny' as const,
  };
  const limited = registryWith(boundaryOf({ rules: [rule({})], limits: [limit] }));

  it('count permits over a sliding window, exactly, and never denials', () => {
    const effects: string[] = [];
    [0, 4, 9, 10, 13.999, 14, 19.999].reduce((state, s, n) => {
      const asked = ask(limited, { at: T0 + s * 1000, n: n + 1 }, state);
      effects.push((asked.result as { effect: string }).effect);
      return asked.state;
    }, decisionInitial);
    expect(effects).toEqual(['permit', 'permit', 'deny', 'permit', 'deny', 'permit', 'deny']);
  });

  it('count per agent and per limit', () => {
    const full = [1, 2].reduce((state, n) => ask(limited, { n }, state).state, decisionInitial);
    expect(ask(limited, { n: 3 }, full).result).toMatchObject({ effect: 'deny' });
    const other = registryWith(boundaryOf({ rules: [rule({})], limits: [{ ...limit, id: 'other' }] }));
    expect(ask(other, { n: 4 }, full).result).toMatchObject({ effect: 'permit' });
  });
});

describe('the sweep', () => {
  it('records what nobody answered in time as denied, once', () => {
    const late = { at: T0 + 121_000, time: T0 };
    const swept = sweep(open, late);
    expect(swept.result).toMatchObject({ kind: 'decided', effect: 'deny' });
    expect(swept.events[0]!.document.data).toMatchObject({ codes: ['undecided-in-time'], boundary: null });
    expect(sweep(open, late, swept.state).result).toMatchObject({ kind: 'known' });
    const past = sweep(open, { at: T0 + 5000, time: T0, deadline: T0 + 4000 });
    expect(past.events[0]!.document.data).toMatchObject({ codes: ['undecided-in-time', 'deadline-passed'] });
  });

  it('leaves alone what can still be answered, and what was answered up to an hour ago', () => {
    expect(sweep(open, { at: T0 + 1000, time: T0 }).result).toEqual({ kind: 'not-due' });
    const first = ask(open);
    const hourLater = ask(open, { at: T0 + minutes(59), n: 2 }, first.state);
    expect(hourLater.state.intents.has(uuid(T0, 1))).toBe(false);
    const found = sweep(open, { at: T0 + minutes(59), time: T0 }, hourLater.state);
    expect(found.result).toEqual({ kind: 'known', eventId: `${uuid(T0, 1)}.decision.0` });
  });

  it('records nothing under an id from far ahead, which it would have to remember for ever', () => {
    const ahead = { at: T0 + 130_000, time: T0, idAt: T0 + minutes(60) };
    expect(sweep(open, ahead).result).toEqual(refusal('WRIT-DEC-001'));
  });

  it('takes an intent from before its reach for a replay', () => {
    expect(sweep(open, { at: T0 + minutes(61), time: T0 }).result).toEqual(refusal('WRIT-DEC-001'));
  });

  it('forgets ids once the sweep cannot find them any more', () => {
    const first = ask(open);
    const later = ask(open, { at: T0 + minutes(80), n: 2 }, first.state);
    expect([...later.state.answered.values()].flatMap((ids) => [...ids])).toEqual([
      uuid(T0 + minutes(80), 2),
    ]);
  });
});
