// An answer of which one word is not right: nothing runs, and the code says why.
import { committedDigest, generateKeyPair } from '@writ/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IntentHandle, WritClient } from '../src/index.js';
import { honest } from './peer/desk.js';
import { AGENT, type Json, POINT } from './peer/organisation.js';
import { change, createWorld, type World } from './peer/world.js';

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
