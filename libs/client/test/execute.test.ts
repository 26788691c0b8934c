// From intent to outcome against a plane that signs for real, and what happens when one word of an answer is not right.
import { randomBytes } from 'node:crypto';
import { committedDigest, generateKeyPair } from '@writ/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentRun, type HandleJson, type IntentHandle, type WritClient, WritError } from '../src/index.js';
import { AGENT, type Json, POINT } from './peer/organisation.js';
import { honest } from './peer/plane.js';
import { change, createWorld, until, type World } from './peer/world.js';

let world: World;
let client: WritClient;
beforeEach(async () => {
  world = await createWorld();
  client = await world.agent();
});
afterEach(() => world.close());

const permitted = async (intent = change()): Promise<IntentHandle> => {
  const answer = await client.authorize(intent);
  if (answer.kind !== 'permitted') throw new Error(`not permitted: ${JSON.stringify(answer)}`);
  return answer.handle;
};

describe('a permitted intent', () => {
  it('runs once with its arguments and its outcome is recorded with the effects', async () => {
    const handle = await permitted();
    const done = await client.execute(handle, (args, run) => {
      run.effect({ resource: 'db:prod/orders', operation: 'update', count: 1 });
      expect(currentRun()).toBe(run);
      return args;
    });
    expect(done).toMatchObject({ kind: 'executed', value: { id: 'o-1', amount: 40 }, outcome: 'recorded' });
    expect(world.plane.seen.outcomes).toMatchObject([
      { status: 'succeeded', as: 'executor', intentId: handle.id, effects: [{ count: 1 }] },
    ]);
    const again = await client.execute(handle, () => expect.fail('it ran twice'));
    expect(again).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-004' });
  });

  it('started twice at the same time runs once', async () => {
    const handle = await permitted();
    let runs = 0;
    const both = await Promise.all([1, 2, 3].map(() => client.execute(handle, async () => ++runs)));
    expect(runs).toBe(1);
    expect(both.filter((e) => e.kind === 'executed')).toHaveLength(1);
  });

  it('whose receipt was lost on the way is asked for again and runs once', async () => {
    world.plane.will.dropReceipts = 2;
    const handle = await permitted();
    const done = await client.execute(handle, () => 'ran');
    expect(done).toMatchObject({ kind: 'executed', value: 'ran' });
    expect(world.plane.seen.receipts).toBe(3);
  });

  it('that throws is reported as failed by a code, without the message, and throws on', async () => {
    const handle = await permitted();
    const failing = client.execute(handle, () => {
      throw new RangeError('card 4111 was declined');
    });
    await expect(failing).rejects.toThrow('card 4111');
    expect(world.plane.seen.outcomes).toMatchObject([{ status: 'failed', errorCode: 'RangeError' }]);
    expect(JSON.stringify(world.plane.seen.outcomes)).not.toContain('4111');
  });

  it('with obligations runs with the obliged arguments', async () => {
    world.plane.will.obligations = [
      { kind: 'clamp', field: 'args.amount', max: 25 },
      { kind: 'set', field: 'args.dry_run', value: true },
    ];
    const done = await client.execute(await permitted(), (args) => args);
    expect(done).toMatchObject({ kind: 'executed', value: { id: 'o-1', amount: 25, dry_run: true } });
  });

  it('leaves no private value in the signed frame and none in the log', async () => {
    const secret = randomBytes(12).toString('hex');
    const handle = await permitted(change({ id: secret, amount: 1 }));
    await client.execute(handle, () => undefined);
    const json = handle.toJSON();
    expect(json.private).toBe(true);
    expect(json.frame).not.toContain(secret);
    expect(JSON.stringify(world.log)).not.toContain(secret);
  });
});

describe('an answer that is not right', () => {
  const execute = async () => client.execute(await permitted(), () => expect.fail('it ran'));
  const what = (data: Json, change: Json): Json => ({
    ...data,
    what: { ...(data['what'] as Json), ...change },
  });

  it('a decision under a key of its own making is refused', async () => {
    world.plane.will.decisionKey = generateKeyPair();
    expect(await client.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-008' });
  });

  it('a decision under the certified key of another role is refused', async () => {
    world.plane.will.decisionKey = world.org.keys['receipt-ledger'];
    expect(await client.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-008' });
  });

  it('a decision under a revoked key is refused', async () => {
    world.plane.will.revokedKeys = [world.org.keys.decision.kid];
    await client.capabilities();
    expect(await client.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-008' });
  });

  it('a decision that binds another intent is refused', async () => {
    world.plane.will.forgeDecision = (data) => ({ ...data, intentDigest: committedDigest({ _sd: [] }) });
    expect(await client.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-004' });
  });

  it('a decision with an obligation that is not known here is refused', async () => {
    world.plane.will.forgeDecision = (data) => ({
      ...data,
      obligations: [{ kind: 'notify', field: 'args.id' }],
    });
    expect(await client.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-005' });
  });

  it('a receipt under a key of its own making is refused', async () => {
    world.plane.will.receiptKey = generateKeyPair();
    expect(await execute()).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-008' });
  });

  const receipts: readonly (readonly [string, string, (data: Json) => Json])[] = [
    [
      'for another audience',
      'WRIT-ENF-004',
      (d) => ({ ...d, audience: { name: POINT, kid: world.org.keys.point.kid } }),
    ],
    [
      'for the key of another audience',
      'WRIT-ENF-004',
      (d) => ({ ...d, audience: { name: AGENT, kid: world.org.keys.point.kid } }),
    ],
    ['for other arguments', 'WRIT-ENF-004', (d) => what(d, { argsDigest: committedDigest({ _sd: [] }) })],
    ['for another operation', 'WRIT-ENF-004', (d) => what(d, { operation: 'read' })],
    ['for another agent', 'WRIT-ENF-004', (d) => ({ ...d, agent: 'acme.shop.prod.other' })],
    ['for another intent', 'WRIT-ENF-004', (d) => ({ ...d, intentDigest: committedDigest({ _sd: [] }) })],
    [
      'with obligations that the decision does not have',
      'WRIT-ENF-004',
      (d) => what(d, { obligations: [{ kind: 'redact', field: 'args.id' }] }),
    ],
    [
      'with an obligation that is not known here',
      'WRIT-ENF-005',
      (d) => what(d, { obligations: [{ kind: 'notify' }] }),
    ],
    [
      'that has expired',
      'WRIT-ENF-009',
      (d) => ({ ...d, when: { issued: '2024-01-01T00:00:00.000Z', expires: '2024-01-01T00:01:00.000Z' } }),
    ],
    [
      'that names another decision',
      'WRIT-ENF-004',
      (d) => ({
        ...d,
        who: {
          ...(d['who'] as Json),
          decision: { id: `${d['intentId']}.decision.2`, digest: committedDigest({ _sd: [] }) },
        },
      }),
    ],
  ];
  it.each(receipts)('a receipt %s is refused with %s and nothing runs', async (_, code, forge) => {
    world.plane.will.forgeReceipt = forge;
    expect(await execute()).toMatchObject({ kind: 'refused', code });
    expect(world.plane.seen.outcomes).toEqual([]);
  });

  it('a receipt by policy on an escalated intent is refused', async () => {
    Object.assign(world.plane.will, honest(), { effect: () => 'escalated', approval: 'granted' });
    world.plane.will.forgeReceipt = (d) => ({
      ...d,
      who: { ...(d['who'] as Json), via: 'policy', approval: null },
    });
    const asked = await client.authorize(change());
    if (asked.kind !== 'escalated') throw new Error(asked.kind);
    const done = await client.execute(asked.handle, () => expect.fail('it ran'));
    expect(done).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-004' });
  });
});

describe('an escalated intent', () => {
  beforeEach(() => {
    world.plane.will.effect = () => 'escalated';
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
      world.plane.will.approval = 'granted';
    }, 150);
    const asked = await client.authorize(change(), { wait: 'approval', timeoutMs: 5000, pollMs: 50 });
    if (asked.kind !== 'permitted') throw new Error(asked.kind);
    const before = world.plane.seen.receipts;
    const done = await client.execute(asked.handle, (_, run) => run.receipt.people);
    expect(done).toMatchObject({ kind: 'executed', value: ['ann'] });
    expect(world.plane.seen.receipts).toBe(before);
  });

  it('that is rejected is denied with a code of its own', async () => {
    world.plane.will.approval = 'rejected';
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
    const next = await world.agent();
    world.plane.will.approval = 'granted';
    const resumed = await next.resume(stored, { wait: 'approval', timeoutMs: 5000 });
    if (resumed.kind !== 'permitted') throw new Error(resumed.kind);
    expect(resumed.decision.id).toBe(asked.decision.id);
    const done = await next.execute(resumed.handle, (args) => args);
    expect(done).toMatchObject({ kind: 'executed', value: { id: 'o-1', amount: 40 } });
  });
});

it('a receipt issued to an earlier process is refused, unless it is known not to have acted', async () => {
  const handle = await permitted();
  const stored = JSON.parse(JSON.stringify(handle)) as HandleJson;
  await client.execute(handle, () => 'first life');
  const next = await world.agent();
  const resumed = await next.resume(stored);
  if (resumed.kind !== 'permitted') throw new Error(resumed.kind);
  expect(await next.execute(resumed.handle, () => expect.fail('it ran'))).toMatchObject({
    code: 'WRIT-ENF-004',
  });
  const known = await next.execute(resumed.handle, () => 'second', { acceptEarlierReceipt: true });
  expect(known).toMatchObject({ kind: 'executed', value: 'second' });
});

describe('requireAuthority', () => {
  it('governs a function: permitted runs and returns, denied throws with code and next step', async () => {
    world.plane.will.effect = (operation) => (operation === 'refund' ? 'permitted' : 'denied');
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
    world.plane.will.obligations = [{ kind: 'clamp', field: 'args.cents', max: 50 }];
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
    const point = await world.point();
    const call = client.handOver(await permitted());
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
    const point = await world.point();
    const call = client.handOver(await permitted());
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
    const point = await world.point();
    const handle = await permitted();
    const done = await client.execute(handle, () => 1);
    if (done.kind !== 'executed') throw new Error(done.kind);
    await point.reportAsVerifier({
      intentId: handle.id,
      agent: AGENT,
      receipt: done.receipt.id,
      status: 'succeeded',
    });
    expect(world.plane.seen.outcomes.at(-1)).toMatchObject({ as: 'verifier', intentId: handle.id });
  });
});

it('an argument that is not canonical JSON is refused before anything is sent', async () => {
  const asked = await client.authorize(change({ id: 'o-1', amount: 12.5 }));
  expect(asked).toMatchObject({ kind: 'refused', code: 'WRIT-FRM-004' });
  expect(world.plane.seen.intents).toBe(0);
});

it('a plane whose root is not the pinned one is never believed', async () => {
  const { kid, x } = generateKeyPair();
  const stranger = await world.agent({ startTimeoutMs: 300 }, { roots: [{ kid, x }] });
  expect(await stranger.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-008' });
  expect(stranger.status().gate).toMatchObject({ kind: 'closed', code: 'WRIT-ENF-002' });
});

it('without an answer in time nothing is executed and the code says so', async () => {
  await world.plane.stop();
  const asked = await client.authorize(change(), { timeoutMs: 300 });
  expect(asked).toMatchObject({ kind: 'refused', code: 'WRIT-ENF-003' });
  await until('the lease ran out', () => client.status().gate.kind === 'closed');
});
