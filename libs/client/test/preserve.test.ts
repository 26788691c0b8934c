// The agent's own state: handed over on a halt, given back after the release, also to a new process.
import { describe, expect, it } from 'vitest';
import { startChild } from './peer/agent-child.js';
import { gateOf, halted, publish, releaseAll, world, worldPerTest } from './peer/harness.js';
import { AGENT } from './peer/organisation.js';
import { until } from './peer/world.js';

worldPerTest();

describe('the state of an agent', () => {
  it('is kept on a halt and given back on the release', async () => {
    const restored: unknown[] = [];
    const client = await world().agent({
      preserveState: () => ({ cursor: 42, note: 'half way' }),
      restoreState: (value) => void restored.push(value),
    });
    publish(AGENT);
    await until('it is kept', () => world().log.some((e) => e.event === 'state-preserved'));
    expect(restored).toEqual([]);
    releaseAll();
    await until('it is given back', () => restored.length === 1);
    expect(restored).toEqual([{ cursor: 42, note: 'half way' }]);
    expect(gateOf(client)).toBe('open');
  });

  it('that is too large is refused with a code and stops nothing', async () => {
    const client = await world().agent({ preserveState: () => 'x'.repeat(300_000) });
    publish(AGENT);
    await until('it is refused', () => world().log.some((e) => e.code === 'WRIT-HLT-004'));
    expect(halted(client)).toBe(true);
  });

  it('comes back after a SIGKILL: the agent restarts halted and goes on after the release', async () => {
    const first = await startChild(world());
    publish(AGENT);
    await first.hears((m) => m['log'] === 'state-preserved');
    await first.stop();
    const second = await startChild(world());
    expect(second.first).toMatchObject({ ready: 'closed' });
    await second.hears((m) => m['halted'] === true);
    releaseAll();
    await second.hears((m) => m['released'] === true);
    expect(second.heard.find((m) => 'restored' in m)).toEqual({ restored: { step: 3 } });
    await second.stop();
  });
});
