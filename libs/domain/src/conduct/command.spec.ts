// What people command about containment and autonomy, and what a promotion needs.
import type { Command } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import {
  AGENT,
  at,
  command,
  digest,
  following,
  frameOf,
  nothing,
  PROXY,
  uuid,
} from '../../test/recording.js';
import { burst, watching } from '../../test/watching.js';
import type { Draft } from '../recorded.js';
import {
  autonomyOf,
  ConductRules,
  conductInitial,
  containmentOf,
  decideAutonomyCommand,
  decideContainmentCommand,
  evolveConduct,
  historyOf,
} from './index.js';

describe('commands', () => {
  const asking = (n: number, action: object, expires = at(60_000)) => {
    const doc = command(n, action, expires) as Command;
    return { command: doc, frame: frameOf(doc), authorised: true, now: at(1000) };
  };
  const contain = (n: number, level: string) =>
    asking(n, { do: 'set-containment', agent: AGENT, level, reason: nothing });

  it('invariant 11: a containment command works once, before it expires, for an operator', () => {
    const ledger = following(conductInitial, evolveConduct);
    ledger.tell(decideContainmentCommand(contain(1, 'isolate'), ledger.state).events);
    expect(containmentOf(ledger.state, AGENT)).toBe('isolate');
    const code = (input: ReturnType<typeof contain>) => decideContainmentCommand(input, ledger.state).result;
    expect(code(contain(2, 'isolate'))).toMatchObject({ code: 'WRIT-CON-002' });
    ledger.tell(decideContainmentCommand(contain(3, 'none'), ledger.state).events);
    expect(code(contain(1, 'isolate'))).toMatchObject({ code: 'WRIT-REG-008' });
    expect(code({ ...contain(4, 'watch'), authorised: false })).toMatchObject({ code: 'WRIT-CON-001' });
    expect(code({ ...contain(4, 'watch'), now: at(60_000) })).toMatchObject({ code: 'WRIT-REG-005' });
  });

  const succeeded = (n: number): Draft => ({
    ...{ id: `${uuid(n)}.outcome.0`, type: 'writ.outcome.succeeded.v1', agent: AGENT },
    ...{ causationid: uuid(n), correlationid: uuid(n) },
    data: {
      ...{ agent: AGENT, intentId: uuid(n), receipt: `${uuid(n)}.authority.0`, report: frameOf({}) },
      ...{ reportedBy: { name: PROXY, kid: digest('k') }, effects: [], result: nothing, late: false },
    },
  });

  const step = (world: ReturnType<typeof watching>, n: number, to: string) => {
    const { history, conduct } = world.ledger.state;
    const input = asking(n, { do: 'set-autonomy', agent: AGENT, step: to, reason: nothing });
    const rest = { history: historyOf(history, AGENT), fallback: 'supervised' as const };
    const decision = decideAutonomyCommand({ ...input, ...rest }, conduct);
    world.tell(decision.events, 1000);
    return decision;
  };
  const proven = (count: number) => {
    const world = watching();
    Array.from({ length: count }, (_, i) => world.tell([succeeded(5000 + i)], 0));
    return world;
  };
  const now = (world: ReturnType<typeof watching>) =>
    autonomyOf(world.ledger.state.conduct, AGENT, 'supervised');

  it('a promotion needs enough succeeded outcomes, and names them as evidence', () => {
    const { promotionMinSucceeded: need } = ConductRules;
    expect(step(proven(need - 1), 1, 'bounded').result).toMatchObject({ code: 'WRIT-CON-003' });
    const world = proven(need);
    const { result, events } = step(world, 1, 'bounded');
    expect(result).toMatchObject({ kind: 'promoted', from: 'supervised', to: 'bounded' });
    expect(events[0]?.data).toMatchObject({ evidence: { length: need } });
    expect(now(world)).toBe('bounded');
  });

  it('evidence serves one promotion; the next one needs its own', () => {
    const world = proven(ConductRules.promotionMinSucceeded);
    step(world, 1, 'bounded');
    expect(step(world, 2, 'autonomous').result).toMatchObject({ code: 'WRIT-CON-003' });
  });

  it('a promotion goes one step, and not past a recent flag', () => {
    const world = proven(ConductRules.promotionMinSucceeded);
    expect(step(world, 1, 'autonomous').result).toMatchObject({ code: 'WRIT-CON-003' });
    burst(world, 0);
    expect(step(world, 2, 'bounded').result).toMatchObject({ code: 'WRIT-CON-003' });
  });

  it('a demotion is always allowed, any number of steps', () => {
    const world = proven(ConductRules.promotionMinSucceeded);
    step(world, 1, 'bounded');
    burst(world, 0);
    expect(step(world, 2, 'shadow').result).toMatchObject({ kind: 'demoted', from: 'bounded', to: 'shadow' });
    expect(step(world, 3, 'shadow').result).toMatchObject({ code: 'WRIT-CON-002' });
  });
});
