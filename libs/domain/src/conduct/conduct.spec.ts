// Detectors, flags and containment, on recorded decisions and with the thresholds that ship.
import type { Command } from '@writ/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGENT, at, command, digest, frameOf, nothing, OTHER, uuid } from '../../test/recording.js';
import { type Act, burst, decisionOf, flagsIn, watching } from '../../test/watching.js';
import {
  ConductRules,
  conductInitial,
  Detectors,
  decideClear,
  decideContainmentCommand,
  decideCoolDown,
  decideFlag,
  detect,
  dueClears,
  dueCoolDown,
  gatedAt,
  isDeleteLike,
  resourceClass,
} from './index.js';

describe('the burst detector', () => {
  it('flags eight deletes within a few seconds, by the thresholds that ship, and sends the agent to a gate', () => {
    const world = watching();
    const drafts = burst(world, 0);
    expect(flagsIn(drafts)).toHaveLength(1);
    expect(flagsIn(drafts)[0]?.data).toMatchObject({
      ...{ detector: 'irreversible-burst', observed: 5, threshold: 5, windowSeconds: 60 },
    });
    expect(world.level()).toBe('gate');
    expect(world.level(OTHER)).toBe('none');
  });

  it('does not flag one action fewer, nor the same actions spread out', () => {
    const few = watching();
    expect(burst(few, 0, Detectors['irreversible-burst'].count - 1)).toEqual([]);
    const slow = watching();
    expect(Array.from({ length: 20 }, (_, i) => slow.act(i * 15_001)).flat()).toEqual([]);
  });

  it('looks neither at what can be undone, nor at what was denied or goes to people', () => {
    const world = watching();
    const harmless: Act[] = [
      { operation: 'update', reversibility: 'reversible' },
      { verdict: 'denied' },
      { verdict: 'escalated' },
    ];
    expect(harmless.flatMap((act) => Array.from({ length: 8 }, (_, i) => world.act(i, act)).flat())).toEqual(
      [],
    );
  });

  it('sees what is called a delete, whatever the rule says about undoing it', () => {
    const names = ['delete', 'bulk_delete', 'dropTable', 'fs.rm', 'TRUNCATE'];
    expect(names.map(isDeleteLike)).toEqual(names.map(() => true));
    expect(['select', 'undeleted', 'update', 'information'].map(isDeleteLike)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    const world = watching();
    const act = { operation: 'drop_table', reversibility: 'reversible' as const };
    expect(flagsIn(Array.from({ length: 5 }, (_, i) => world.act(i, act)).flat())).toHaveLength(1);
  });
});

describe('clearing', () => {
  const gatedAct = (world: ReturnType<typeof watching>, ms: number, containment: 'none' | 'gate') => {
    world.act(ms, { verdict: 'escalated', containment });
    return uuid(world.last());
  };
  const clear = (world: ReturnType<typeof watching>, intentId: string, ms: number) => {
    const { history, conduct } = world.ledger.state;
    const granted = { granted: `${uuid(900)}.approval.1`, grantedAt: world.ledger.seq };
    const input = { agent: AGENT, intentId, ...granted, gatedAt: gatedAt(history, intentId) };
    const decision = decideClear(input, conduct);
    world.tell(decision.events, ms);
    return decision;
  };

  it('an approval of what the flag held lets the agent go on, watched; the same burst is not flagged again', () => {
    const world = watching();
    burst(world, 0);
    const intent = gatedAct(world, 10_000, 'gate');
    expect(clear(world, intent, 11_000).events[0]?.data).toMatchObject({
      ...{ from: 'gate', to: 'watch', cause: 'cleared-by-approval', causeEvent: `${uuid(900)}.approval.1` },
    });
    expect(world.look(AGENT, 12_000)).toEqual([]);
    expect(burst(world, 12_000, Detectors['irreversible-burst'].count - 1)).toEqual([]);
    expect(world.level()).toBe('watch');
    expect(flagsIn(world.act(15_000))).toHaveLength(1);
    expect(world.level()).toBe('gate');
  });

  it('a person who lifts a containment settles what the agent did until then', () => {
    const world = watching();
    burst(world, 0);
    const doc = command(701, {
      do: 'set-containment',
      agent: AGENT,
      level: 'none',
      reason: nothing,
    }) as Command;
    const input = { command: doc, frame: frameOf(doc), authorised: true, now: at(9000) };
    world.tell(decideContainmentCommand(input, world.ledger.state.conduct).events, 9000);
    expect(burst(world, 10_000, Detectors['irreversible-burst'].count - 1)).toEqual([]);
    expect(world.level()).toBe('none');
  });

  it('an approval of something that was not held by the flag clears nothing', () => {
    const world = watching();
    const before = gatedAct(world, 0, 'gate');
    burst(world, 0);
    const other = gatedAct(world, 10_000, 'none');
    expect(clear(world, before, 11_000).result).toEqual({ kind: 'unchanged', containment: 'gate' });
    expect(clear(world, other, 11_000).result).toEqual({ kind: 'unchanged', containment: 'gate' });
  });

  it('a containment that a person set is not cleared by an approval, and does not cool down', () => {
    const world = watching();
    const doc = command(700, {
      do: 'set-containment',
      agent: AGENT,
      level: 'gate',
      reason: nothing,
    }) as Command;
    const input = { command: doc, frame: frameOf(doc), authorised: true, now: at(0) };
    world.tell(decideContainmentCommand(input, conductInitial).events, 0);
    const intent = gatedAct(world, 10_000, 'gate');
    expect(clear(world, intent, 11_000).result.kind).toBe('unchanged');
    expect(dueCoolDown(world.ledger.state.conduct, at(1e9))).toEqual([]);
  });

  const grant = (world: ReturnType<typeof watching>, intentId: string, ms: number) => {
    const gate = { intentId, intentDigest: digest('intent'), agent: AGENT };
    const data = { ...gate, by: ['ada'], votes: [], until: at(ms + 60_000) };
    const causes = { agent: AGENT, causationid: intentId, correlationid: intentId };
    const id = `${intentId}.approval.9`;
    world.tell([{ id, type: 'writ.approval.granted.v1', ...causes, data }], ms);
    return id;
  };

  it('an approval that came while the detector was away is found again, and cleared once', () => {
    const world = watching();
    burst(world, 0);
    const intent = gatedAct(world, 10_000, 'gate');
    const due = () => dueClears(world.ledger.state.history, world.ledger.state.conduct);
    expect(due()).toEqual([]);
    const granted = grant(world, intent, 11_000);
    expect(due()).toMatchObject([{ agent: AGENT, intentId: intent, granted }]);
    for (const input of due()) world.tell(decideClear(input, world.ledger.state.conduct).events, 12_000);
    expect(world.level()).toBe('watch');
    expect(due()).toEqual([]);
  });

  it('an approval found again does not clear what was flagged after it', () => {
    const world = watching();
    burst(world, 0);
    grant(world, gatedAct(world, 10_000, 'gate'), 11_000);
    expect(flagsIn(burst(world, 70_000))).not.toEqual([]);
    expect(dueClears(world.ledger.state.history, world.ledger.state.conduct)).toEqual([]);
    expect(world.level()).toBe('gate');
  });

  it('a watched agent that stays quiet is no longer watched', () => {
    const world = watching();
    burst(world, 0);
    expect(dueCoolDown(world.ledger.state.conduct, at(1e9))).toEqual([]);
    clear(world, gatedAct(world, 10_000, 'gate'), 11_000);
    const quiet = 11_000 + ConductRules.quietSeconds * 1000;
    expect(dueCoolDown(world.ledger.state.conduct, at(quiet - 1))).toEqual([]);
    expect(dueCoolDown(world.ledger.state.conduct, at(quiet))).toEqual([AGENT]);
    const cool = decideCoolDown({ agent: AGENT, now: at(quiet) }, world.ledger.state.conduct);
    world.tell(cool.events, quiet);
    expect(world.level()).toBe('none');
    expect(decideCoolDown({ agent: AGENT, now: at(quiet) }, world.ledger.state.conduct).events).toEqual([]);
  });
});

describe('novelty', () => {
  const settle = (world: ReturnType<typeof watching>) => {
    const { minDecisions, minAgeSeconds } = Detectors.novelty;
    const apart = Math.ceil((minAgeSeconds * 1000) / minDecisions) + 1;
    const act = { operation: 'select', reversibility: 'reversible' as const };
    return Array.from({ length: minDecisions + 1 }, (_, i) => world.act(i * apart, act)).flat();
  };
  const strange = { operation: 'grant', resource: 'iam:roles/admin', reversibility: 'reversible' as const };
  const LATER = 4_000_000;

  it('says nothing about an agent without a history (cold start)', () => {
    expect(watching().act(0, strange)).toEqual([]);
  });

  it('flags the first use, once, and only watches; a repeat is gated', () => {
    const world = watching();
    expect(settle(world)).toEqual([]);
    expect(flagsIn(world.act(LATER, strange))[0]?.data).toMatchObject({ detector: 'novelty', observed: 1 });
    expect(world.level()).toBe('watch');
    expect(world.act(LATER + 1000, { ...strange, resource: 'iam:roles/other' })).toEqual([]);
    world.act(LATER + 2000, { ...strange, operation: 'attach' });
    expect(world.level()).toBe('gate');
  });

  it('takes resources of one class for the same', () => {
    expect(resourceClass('db:shop/orders/17')).toBe(resourceClass('db:shop/orders/18'));
    expect(resourceClass('db:shop/orders/17')).not.toBe(resourceClass('db:shop/users/17'));
    expect(resourceClass('tenant/42/orders/7')).toBe('tenant/*/orders/*');
    expect(resourceClass('clock')).toBe('clock');
  });
});

describe('rate', () => {
  const calm = { operation: 'select', reversibility: 'reversible' as const, resource: 'db:shop/orders' };
  const minutes = (world: ReturnType<typeof watching>, count: number) =>
    Array.from({ length: count * 5 }, (_, i) => world.act(i * 12_000, calm)).flat();
  const rush = (world: ReturnType<typeof watching>, from: number, count: number) =>
    Array.from({ length: count }, (_, i) => world.act(from + i * 100, calm)).flat();

  it('flags a minute far above the own baseline of the agent, once in that minute', () => {
    const world = watching();
    const { minActiveMinutes, floor } = Detectors.rate;
    expect(minutes(world, minActiveMinutes)).toEqual([]);
    const flags = flagsIn(rush(world, minActiveMinutes * 60_000, floor + 30));
    expect(flags).toHaveLength(1);
    expect(flags[0]?.data).toMatchObject({ detector: 'rate', observed: floor + 1, threshold: floor });
    expect(world.level()).toBe('watch');
  });

  it('says nothing before there is a baseline (cold start)', () => {
    const world = watching();
    minutes(world, Detectors.rate.minActiveMinutes - 1);
    expect(rush(world, (Detectors.rate.minActiveMinutes - 1) * 60_000, 300)).toEqual([]);
  });
});

describe('flags', () => {
  it('are recorded once: a finding that a flag covers is known', () => {
    const world = watching();
    Array.from({ length: 5 }, (_, i) => world.tell([decisionOf(i + 2)], i));
    const [finding] = detect(world.ledger.state.history, world.ledger.state.conduct, AGENT);
    const first = decideFlag({ finding: finding!, now: at(9) }, world.ledger.state.conduct);
    world.tell(first.events, 9);
    expect(first.result).toMatchObject({ kind: 'flagged', containment: 'gate' });
    const again = decideFlag({ finding: finding!, now: at(9) }, world.ledger.state.conduct);
    expect(again).toEqual({ result: { kind: 'known' }, events: [] });
  });

  it('cover what they saw: an earlier finding that comes late is known', () => {
    const world = watching();
    const look = () => detect(world.ledger.state.history, world.ledger.state.conduct, AGENT)[0]!;
    Array.from({ length: 5 }, (_, i) => world.tell([decisionOf(i + 2)], i));
    const early = look();
    world.tell([decisionOf(7)], 6);
    world.tell(decideFlag({ finding: look(), now: at(9) }, world.ledger.state.conduct).events, 9);
    const late = decideFlag({ finding: early, now: at(10) }, world.ledger.state.conduct);
    expect(late).toEqual({ result: { kind: 'known' }, events: [] });
  });

  it('never flag an event twice with the burst detector, on random times and clearings', () => {
    const random = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 30_000 }), approve: fc.boolean() }), {
      maxLength: 40,
    });
    let seen = 0;
    fc.assert(
      fc.property(random, (moves) => {
        const world = watching();
        const named = new Set<string>();
        let ms = 0;
        for (const { wait, approve } of moves) {
          ms += wait;
          for (const flag of flagsIn(world.act(ms))) {
            for (const event of (flag.data as { events: string[] }).events) {
              expect(named.has(event)).toBe(false);
              named.add(event);
            }
          }
          if (!approve) continue;
          const at = { gatedAt: world.ledger.seq + 1, grantedAt: world.ledger.seq + 1 };
          const granted = `${uuid(900)}.approval.1`;
          const input = { agent: AGENT, intentId: uuid(world.last()), granted, ...at };
          world.tell(decideClear(input, world.ledger.state.conduct).events, ms);
        }
        seen += named.size;
      }),
      { numRuns: 100 },
    );
    expect(seen).toBeGreaterThan(0);
  });
});
