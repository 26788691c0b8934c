// The ways to embed the client: around a function, and on the side of the tool.
import { beforeEach, describe, expect, it } from 'vitest';
import { type WritClient, WritError } from '../src/index.js';
import { permitted, world, worldPerTest } from './peer/harness.js';
import { AGENT } from './peer/organisation.js';

worldPerTest();
let client: WritClient;
beforeEach(async () => {
  client = await world().agent();
});

describe('requireAuthority', () => {
  it('governs a function: permitted runs and returns, denied throws with code and next step', async () => {
    world().plane.will.effect = (operation) => (operation === 'refund' ? 'permitted' : 'denied');
    const refund = async (p: { id: string; cents: number }) => `${p.id}:${p.cents}`;
    const governed = client.requireAuthority<[{ id: string; cents: number }]>({
      resource: (p) => `shop:orders/${p.id}`,
      operation: 'refund',
    })(refund);
    await expect(governed({ id: 'o-7', cents: 100 })).resolves.toBe('o-7:100');
    const drop = client.requireAuthority({ resource: 'db:prod/orders', operation: 'drop' })(async () =>
      expect.fail('it ran'),
    );
    const error = await drop().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WritError);
    expect(error).toMatchObject({ code: 'WRIT-ENF-006', next: 'read the reason codes' });
  });

  it('gives the function its obliged arguments, or refuses where it cannot', async () => {
    world().plane.will.obligations = [{ kind: 'clamp', field: 'args.cents', max: 50 }];
    const options = { resource: 'shop:orders/1', operation: 'refund' };
    const one = client.requireAuthority<[{ cents: number }]>(options)(async (p) => p.cents);
    await expect(one({ cents: 100 })).resolves.toBe(50);
    const args = (cents: number) => ({ cents });
    const two = client.requireAuthority<[number]>({ ...options, args })(async (cents) => cents);
    await expect(two(100)).rejects.toMatchObject({ code: 'WRIT-ENF-005' });
    const apply = (obliged: Readonly<Record<string, unknown>>): [number] => [obliged['cents'] as number];
    const three = client.requireAuthority<[number]>({ ...options, args, apply })(async (cents) => cents);
    await expect(three(100)).resolves.toBe(50);
  });

  it('refuses below the enforcement level that it demands', async () => {
    const governed = client.requireAuthority({ resource: 'db:x', operation: 'read', level: 2 })(
      async () => 1,
    );
    await expect(governed()).rejects.toMatchObject({ code: 'WRIT-ENF-006' });
  });
});

describe('a tool-side enforcement point', () => {
  it('runs what the agent handed over, under a receipt for its own key, on what it sees itself', async () => {
    const point = await world().point();
    const call = client.handOver(await permitted(client));
    const seen = { resource: 'db:prod/orders', operation: 'update' };
    const other = await point.enforce({ ...call, ...seen, operation: 'delete' }, () => expect.fail('it ran'));
    expect(other).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-004' });
    const done = await point.enforce({ ...call, ...seen }, (args) => args, { acceptEarlierReceipt: true });
    expect(done).toMatchObject({ kind: 'executed', value: { id: 'o-1', amount: 40 } });
    const twice = await point.enforce({ ...call, ...seen }, () => expect.fail('it ran'), {
      acceptEarlierReceipt: true,
    });
    expect(twice).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-004' });
  });

  it('refuses arguments that are not those disclosed, or not disclosed at all', async () => {
    const point = await world().point();
    const call = client.handOver(await permitted(client));
    const seen = { resource: 'db:prod/orders', operation: 'update' };
    const swapped = await point.enforce({ ...call, ...seen, args: { id: 'o-2', amount: 40 } }, () =>
      expect.fail('it ran'),
    );
    const hidden = await point.enforce({ ...call, ...seen, disclosures: call.disclosures.slice(1) }, () =>
      expect.fail('it ran'),
    );
    expect([swapped, hidden]).toMatchObject([{ code: 'WRIT-FRM-013' }, { code: 'WRIT-FRM-013' }]);
  });

  it('reports as verifier what it found', async () => {
    const point = await world().point();
    const handle = await permitted(client);
    const done = await client.execute(handle, () => 1);
    if (done.kind !== 'executed') throw new Error(done.kind);
    await point.reportAsVerifier({
      intentId: handle.id,
      agent: AGENT,
      receipt: done.receipt.id,
      status: 'succeeded',
    });
    expect(world().plane.seen.outcomes.at(-1)).toMatchObject({ as: 'verifier', intentId: handle.id });
  });
});
