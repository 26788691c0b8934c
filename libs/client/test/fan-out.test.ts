// A halt to many agents of one process: all have stopped before the first does what follows, and that comes within its bound.
import { describe, expect, it } from 'vitest';
import { HOLD_MS } from '../src/halt/follow-up.js';
import { halted, permitted, publish, world, worldPerTest } from './peer/harness.js';
import { AGENT } from './peer/organisation.js';
import { until } from './peer/world.js';

worldPerTest();

describe('a halt to many agents of one process', () => {
  it('stops every one before the first acknowledges or hands over its state; both follow within the bound', async () => {
    const many = 30;
    const events: string[] = [];
    const clients = await Promise.all(
      Array.from({ length: many }, async () => {
        const client = await world().agent({
          onHalt: () => void events.push(halted(client) && client.signal.aborted ? 'stopped' : 'called'),
          preserveState: () => {
            events.push('kept');
            return undefined;
          },
        });
        return client;
      }),
    );
    publish('acme.shop');
    const start = performance.now();
    await until('all stopped', () => events.length >= many);
    expect(events.slice(0, many).includes('kept')).toBe(false);
    expect(world().plane.seen.acks).toEqual([]);
    while (events.filter((e) => e === 'kept').length < many || world().plane.seen.acks.length < many) {
      expect(clients.every(halted)).toBe(true);
      expect(performance.now() - start).toBeLessThan(HOLD_MS.most + 1500);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  it('aborts a running call at once, while its acknowledgement is held', async () => {
    const client = await world().agent();
    let acknowledged = -1;
    const running = client.execute(await permitted(client), async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      acknowledged = world().plane.seen.acks.length;
    });
    await until('it runs', () => client.status().running === 1);
    publish(AGENT);
    await running;
    expect(acknowledged).toBe(0);
    expect(halted(client)).toBe(true);
    await until('it is acknowledged', () => world().plane.seen.acks.length === 1, HOLD_MS.most + 1000);
    expect(world().plane.seen.acks).toMatchObject([{ state: 'aborted', aborted: 1 }]);
  });
});
