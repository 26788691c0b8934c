// Losing the plane: lease, connection, a pause of the process. The gate closes by itself and opens on a fresh state only.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startChild } from './peer/agent-child.js';
import { gateOf, halted, permitted, world, worldPerTest } from './peer/harness.js';
import { until } from './peer/world.js';

worldPerTest();

describe('the lease', () => {
  it('closes the gate and aborts the running call within 1.5 s of losing the plane', async () => {
    const client = await world().agent();
    let reason: unknown;
    const running = client.execute(await permitted(client), async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reason = signal.reason;
    });
    await until('it runs', () => client.status().running === 1);
    await sleep(600);
    world().plane.will.leases = false;
    world().plane.will.answerState = false;
    const lost = Date.now();
    await until('it is closed', () => gateOf(client) === 'closed', 3000);
    expect(Date.now() - lost).toBeLessThan(1700);
    await running;
    expect(Date.now() - lost).toBeLessThan(1800);
    expect(reason).toMatchObject({ code: 'WRIT-ENF-002' });
    expect(await client.execute(await permitted(client), () => 1, { timeoutMs: 200 })).toMatchObject({
      code: 'WRIT-ENF-002',
    });
  });

  it('that names a halt position not seen here closes the gate until the state is read', async () => {
    const client = await world().agent();
    world().plane.will.answerState = false;
    world().plane.moveHaltPosition();
    await until('it is closed', () => gateOf(client) === 'closed', 1200);
    world().plane.will.answerState = true;
    await until('it is open', () => gateOf(client) === 'open');
  });
});

describe('a lost connection', () => {
  it('closes the gate; it opens after the reconnect, when the state has been read again', async () => {
    const client = await world().agent();
    await world().server.kill();
    await until('it is closed', () => gateOf(client) === 'closed', 500);
    world().plane.will.answerState = false;
    await world().server.restart();
    await until('it is connected', () => client.status().connected, 5000);
    await sleep(700);
    expect(gateOf(client)).toBe('closed');
    world().plane.will.answerState = true;
    await until('it is open', () => gateOf(client) === 'open');
  });

  it('does not lose a halt recorded meanwhile', async () => {
    const client = await world().agent();
    await world().server.kill();
    await until('it is closed', () => gateOf(client) === 'closed', 500);
    world().plane.engage('ann', 'acme.shop');
    await world().server.restart();
    await until('it is halted', () => halted(client));
    expect(gateOf(client)).toBe('closed');
  });
});

describe('a paused process', () => {
  it('stopped by SIGSTOP and continued keeps its gate closed until a fresh state reply', async () => {
    const child = await startChild(world());
    expect(child.first).toEqual({ ready: 'open' });
    child.process.kill('SIGSTOP');
    await sleep(2500);
    world().plane.will.answerState = false;
    child.process.kill('SIGCONT');
    for (let n = 0; n < 8; n++) {
      expect(await child.gate()).toBe('closed');
      await sleep(100);
    }
    world().plane.will.answerState = true;
    await until('it is asked', () => world().plane.seen.states > 1);
    await sleep(1500);
    expect(await child.gate()).toBe('open');
    await child.stop();
  });
});
