// From intent to outcome against a plane that signs for real.
import { randomBytes } from 'node:crypto';
import { generateKeyPair } from '@writ/crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { currentRun, type HandleJson, type WritClient } from '../src/index.js';
import { permitted, world, worldPerTest } from './peer/harness.js';
import { change, until } from './peer/world.js';

worldPerTest();
let client: WritClient;
beforeEach(async () => {
  client = await world().agent();
});

describe('a permitted intent', () => {
  it('runs once with its arguments and its outcome is recorded with the effects', async () => {
    const handle = await permitted(client);
    const done = await client.execute(handle, (args, run) => {
      run.effect({ resource: 'db:prod/orders', operation: 'update', count: 1 });
      expect(currentRun()).toBe(run);
      return args;
    });
    expect(done).toMatchObject({ kind: 'executed', value: { id: 'o-1', amount: 40 }, outcome: 'recorded' });
    expect(world().plane.seen.outcomes).toMatchObject([
      { status: 'succeeded', as: 'executor', intentId: handle.id, effects: [{ count: 1 }] },
    ]);
    const again = await client.execute(handle, () => expect.fail('it ran twice'));
    expect(again).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-004' });
  });

  it('started twice at the same time runs once', async () => {
    const handle = await permitted(client);
    let runs = 0;
    const both = await Promise.all([1, 2, 3].map(() => client.execute(handle, async () => ++runs)));
    expect(runs).toBe(1);
    expect(both.filter((e) => e.kind === 'executed')).toHaveLength(1);
  });

  it('whose receipt was lost on the way is asked for again and runs once', async () => {
    world().plane.will.dropReceipts = 2;
    const handle = await permitted(client);
    const done = await client.execute(handle, () => 'ran');
    expect(done).toMatchObject({ kind: 'executed', value: 'ran' });
    expect(world().plane.seen.receipts).toBe(3);
  });

  it('that throws is reported as failed by a code, without the message, and throws on', async () => {
    const handle = await permitted(client);
    const failing = client.execute(handle, () => {
      throw new RangeError('card 4111 was declined');
    });
    await expect(failing).rejects.toThrow('card 4111');
    expect(world().plane.seen.outcomes).toMatchObject([{ status: 'failed', errorCode: 'RangeError' }]);
    expect(JSON.stringify(world().plane.seen.outcomes)).not.toContain('4111');
  });

  it('with obligations runs with the obliged arguments', async () => {
    world().plane.will.obligations = [
      { kind: 'clamp', field: 'args.amount', max: 25 },
      { kind: 'set', field: 'args.dry_run', value: true },
    ];
    const done = await client.execute(await permitted(client), (args) => args);
    expect(done).toMatchObject({ kind: 'executed', value: { id: 'o-1', amount: 25, dry_run: true } });
  });

  it('leaves no private value in the signed frame and none in the log', async () => {
    const secret = randomBytes(12).toString('hex');
    const handle = await permitted(client, change({ id: secret, amount: 1 }));
    await client.execute(handle, () => undefined);
    const json = handle.toJSON();
    expect(json.private).toBe(true);
    expect(json.frame).not.toContain(secret);
    expect(JSON.stringify(world().log)).not.toContain(secret);
  });
});

describe('an escalated intent', () => {
  beforeEach(() => {
    world().plane.will.effect = () => 'escalated';
  });

  it('returns at once and calls back where a decision is all that is wanted', async () => {
    const pending: string[] = [];
    const asked = await client.authorize(change(), {
      onPending: ({ handle }) => void pending.push(handle.id),
    });
    expect(asked.kind).toBe('escalated');
    expect(pending).toHaveLength(1);
  });

  it('waits for the approval, holds its receipt then and runs', async () => {
    setTimeout(() => {
      world().plane.will.approval = 'granted';
    }, 150);
    const asked = await client.authorize(change(), { wait: 'approval', timeoutMs: 5000, pollMs: 50 });
    if (asked.kind !== 'permitted') throw new Error(asked.kind);
    const before = world().plane.seen.receipts;
    const done = await client.execute(asked.handle, (_, run) => run.receipt.people);
    expect(done).toMatchObject({ kind: 'executed', value: ['ann'] });
    expect(world().plane.seen.receipts).toBe(before);
  });

  it('that is rejected is denied with a code of its own', async () => {
    world().plane.will.approval = 'rejected';
    const asked = await client.authorize(change(), { wait: 'approval', timeoutMs: 5000 });
    expect(asked).toMatchObject({ kind: 'denied', code: 'WRIT-ENF-007' });
  });

  it('is still escalated when the waiting time is over', async () => {
    const asked = await client.authorize(change(), { wait: 'approval', timeoutMs: 300, pollMs: 50 });
    expect(asked.kind).toBe('escalated');
  });

  it('survives a restart: the stored handle gets the same decision and then its receipt', async () => {
    const asked = await client.authorize(change());
    if (asked.kind !== 'escalated') throw new Error(asked.kind);
    const stored = JSON.parse(JSON.stringify(asked.handle)) as HandleJson;
    await client.close();
    const next = await world().agent();
    world().plane.will.approval = 'granted';
    const resumed = await next.resume(stored, { wait: 'approval', timeoutMs: 5000 });
    if (resumed.kind !== 'permitted') throw new Error(resumed.kind);
    expect(resumed.decision.id).toBe(asked.decision.id);
    const done = await next.execute(resumed.handle, (args) => args);
    expect(done).toMatchObject({ kind: 'executed', value: { id: 'o-1', amount: 40 } });
  });
});

it('a receipt issued to an earlier process is refused, unless it is known not to have acted', async () => {
  const handle = await permitted(client);
  const stored = JSON.parse(JSON.stringify(handle)) as HandleJson;
  await client.execute(handle, () => 'first life');
  const next = await world().agent();
  const resumed = await next.resume(stored);
  if (resumed.kind !== 'permitted') throw new Error(resumed.kind);
  expect(await next.execute(resumed.handle, () => expect.fail('it ran'))).toMatchObject({
    code: 'WRIT-ENF-004',
  });
  const known = await next.execute(resumed.handle, () => 'second', { acceptEarlierReceipt: true });
  expect(known).toMatchObject({ kind: 'executed', value: 'second' });
});

it('an argument that is not canonical JSON is refused before anything is sent', async () => {
  const asked = await client.authorize(change({ id: 'o-1', amount: 12.5 }));
  expect(asked).toMatchObject({ kind: 'refused', code: 'WRIT-FRM-004' });
  expect(world().plane.seen.intents).toBe(0);
});

it('a plane whose root is not the pinned one is never believed', async () => {
  const { kid, x } = generateKeyPair();
  const stranger = await world().agent({ startTimeoutMs: 300 }, { roots: [{ kid, x }] });
  expect(await stranger.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-008' });
  expect(stranger.status().gate).toMatchObject({ kind: 'closed', code: 'WRIT-ENF-002' });
});

it('without an answer in time nothing is executed and the code says so', async () => {
  await world().plane.stop();
  const asked = await client.authorize(change(), { timeoutMs: 300 });
  expect(asked).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-003' });
  await until('the lease ran out', () => client.status().gate.kind === 'closed');
});
