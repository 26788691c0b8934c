// Stopping over a real bus: on sight, at every scope, acknowledged.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { HaltNotice } from '../src/index.js';
import { gateOf, halted, permitted, publish, world, worldPerTest } from './peer/harness.js';
import { AGENT, ORG } from './peer/organisation.js';
import { change, until } from './peer/world.js';

worldPerTest();

describe('a halt by plain publish', () => {
  it.each([ORG, 'acme.shop', 'acme.shop.prod', AGENT])(
    'at %s closes the gate and aborts the running call',
    async (scope) => {
      const client = await world().agent();
      const handle = await permitted(client);
      let aborted: unknown;
      const running = client.execute(handle, async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        aborted = signal.reason;
        return 'wound down';
      });
      await until('it runs', () => client.status().running === 1);
      publish(scope);
      await until('it is halted', () => halted(client));
      expect(await running).toMatchObject({ kind: 'executed', value: 'wound down' });
      expect(aborted).toMatchObject({ code: 'WRIT-ENF-001' });
      await until('it is acknowledged', () => world().plane.seen.acks.length === 1);
      expect(world().plane.seen.acks).toMatchObject([
        { agent: AGENT, halts: ['halt-1'], state: 'aborted', aborted: 1 },
      ]);
      expect(await client.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-001' });
    },
  );

  it.each(['', 'not json', '{"tool":"everything"}', '[]'])(
    'whose body is %j halts the full scope',
    async (body) => {
      const client = await world().agent();
      publish('acme.shop', body);
      await until('it is halted', () => halted(client));
    },
  );

  it('closes the gate although the plane never records it', async () => {
    world().plane.will.recordHalts = false;
    const client = await world().agent();
    publish(AGENT);
    await until('it is halted', () => halted(client));
    await sleep(300);
    expect(client.status().halts).toMatchObject([{ id: null, person: 'ann' }]);
    expect(world().plane.seen.acks).toEqual([]);
  });

  it('on another agent changes nothing here', async () => {
    const client = await world().agent();
    publish('acme.shop.prod.other');
    await until('it is recorded', () => world().plane.halts.size === 1);
    await sleep(100);
    await until('the gate is open', () => gateOf(client) === 'open');
    expect(world().plane.seen.acks).toEqual([]);
  });

  it('narrowed to a tool aborts that tool and lets the rest go on', async () => {
    const client = await world().agent();
    const [update, remove] = [
      await permitted(client),
      await permitted(client, change({ id: 'o-2' }, 'delete')),
    ];
    let open = true;
    const removing = client.execute(
      remove,
      (_, { signal }) => new Promise((r) => signal.addEventListener('abort', () => r('stopped'))),
    );
    const updating = client.execute(update, async (_, { signal }) => {
      await until('the halt is known', () => client.status().halts.length === 1);
      open = !signal.aborted;
    });
    await until('both run', () => client.status().running === 2);
    publish(AGENT, '{"tool":{"resource":"db:prod/*","operation":"delete"}}');
    expect(await removing).toMatchObject({ value: 'stopped' });
    await updating;
    expect(open).toBe(true);
    expect(gateOf(client)).toBe('closed');
    expect(client.signal.aborted).toBe(false);
  });

  it('calls back with a deadline, and says so when a call cannot be aborted, and again when it has ended', async () => {
    const notices: HaltNotice[] = [];
    const client = await world().agent({
      haltDeadlineMs: 150,
      onHalt: (notice) => void notices.push(notice),
    });
    const stubborn = client.execute(await permitted(client), () => sleep(500));
    await until('it runs', () => client.status().running === 1);
    const before = Date.now();
    publish(AGENT);
    await until('it is called back', () => notices.length === 1);
    expect(notices[0]?.deadline).toBeGreaterThanOrEqual(before + 150);
    await until('the deadline is over', () => notices[0]?.signal.aborted === true, 400);
    await until('it is acknowledged', () => world().plane.seen.acks.length === 1);
    expect(world().plane.seen.acks).toMatchObject([{ state: 'cannot-abort', aborted: 0 }]);
    await stubborn;
    await until('it is acknowledged again', () => world().plane.seen.acks.length === 2);
    expect(world().plane.seen.acks[1]).toMatchObject({ state: 'aborted', aborted: 1 });
  });

  it('between the receipt and the function leaves the function unrun', async () => {
    const client = await world().agent();
    const handle = await permitted(client);
    world().plane.will.forgeReceipt = (data) => {
      publish(AGENT);
      return data;
    };
    const done = await client.execute(handle, () => expect.fail('it ran'));
    expect(done).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-001' });
  });

  it('on an agent stops a tool-side enforcement point for that agent', async () => {
    const client = await world().agent();
    const point = await world().point();
    const call = {
      ...client.handOver(await permitted(client)),
      resource: 'db:prod/orders',
      operation: 'update',
    };
    publish(AGENT);
    await until('both know', () => point.status().halts.length === 1);
    const done = await point.enforce(call, () => expect.fail('it ran'));
    expect(done).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-001' });
    await until('both acknowledge', () => world().plane.seen.acks.length === 2);
  });
});
