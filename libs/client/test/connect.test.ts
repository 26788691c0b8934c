// Getting in: the agent's folder, capabilities, and what a client does when the bus does not let it hear.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, writeKeyFile } from '@writ/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectWrit, readCredentials } from '../src/index.js';
import { AGENT, ORG } from './peer/organisation.js';
import { createWorld, until, type World } from './peer/world.js';

describe('the folder of an agent', () => {
  let folder: string;
  const key = generateKeyPair();
  const file = {
    org: ORG,
    scope: AGENT,
    role: 'agent',
    natsUrl: 'nats://127.0.0.1:4222',
    roots: [{ kid: key.kid, x: key.x }],
    natsSeedFile: 'agent.nk',
    keyFile: 'agent.jwk',
  };
  const write = (more: Record<string, unknown> = {}) =>
    writeFileSync(join(folder, 'agent.json'), JSON.stringify({ ...file, ...more }));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'writ-agent-'));
    writeKeyFile(join(folder, 'agent.jwk'), key);
    writeFileSync(join(folder, 'agent.nk'), 'SUAEXAMPLE\n', { mode: 0o600 });
    write();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives typed credentials', () => {
    expect(readCredentials(folder)).toMatchObject({
      scope: AGENT,
      natsSeed: 'SUAEXAMPLE',
      key: { kid: key.kid },
    });
  });

  it('with a seed that others may read is refused', () => {
    chmodSync(join(folder, 'agent.nk'), 0o644);
    expect(() => readCredentials(folder)).toThrow('WRIT-CFG-003');
  });

  it('with a key that others may read is refused', () => {
    chmodSync(join(folder, 'agent.jwk'), 0o640);
    expect(() => readCredentials(folder)).toThrow(/0640|WRIT-CFG-003/);
  });

  it.each([
    ['a scope of another organisation', { scope: 'evil.shop.prod.refunds' }],
    ['a scope that is none', { scope: 'acme.*.prod.refunds' }],
    ['no pinned root', { roots: [] }],
    ['an unknown role', { role: 'root' }],
  ])('with %s is refused', (_, more) => {
    write(more);
    expect(() => readCredentials(folder)).toThrow('WRIT-CFG-001');
  });

  it('that is not there is refused with a code', async () => {
    await expect(connectWrit(join(folder, 'none'))).rejects.toMatchObject({ code: 'WRIT-CFG-002' });
  });
});

describe('on the bus', () => {
  let world: World;
  afterEach(() => world.close());

  it('a client without a server fails in time with a code', async () => {
    world = await createWorld();
    const nowhere = world.credentials({ natsUrl: 'nats://127.0.0.1:1' });
    await expect(connectWrit(nowhere, { connectTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'WRIT-CLI-005',
    });
  });

  it('capabilities are those of the most specific boundary that the plane says is in force', async () => {
    world = await createWorld();
    const client = await world.agent();
    expect(await client.capabilities()).toMatchObject({
      boundary: null,
      entries: [],
      otherwise: { effect: 'deny' },
    });
    publishBoundary('acme', 'wide', 'permit');
    publishBoundary(AGENT, 'narrow', 'gate');
    const mine = await client.capabilities();
    expect(mine).toMatchObject({ boundary: { name: 'narrow' }, level: 1, autonomy: 'bounded' });
    expect(mine.entries).toMatchObject([
      {
        id: 'orders',
        resource: 'db:prod/**',
        effect: 'gate',
        gate: 'desk',
        when: 'args.amount > 100',
        limits: [{ id: 'hourly' }],
      },
    ]);
    // The plane no longer sends the narrow one: it was retired.
    world.org.path.pop();
    expect(await client.capabilities()).toMatchObject({ boundary: { name: 'wide' } });
  });

  const publishBoundary = (scope: string, name: string, effect: 'permit' | 'gate') => {
    const { signed } = JSON.parse(new TextDecoder().decode(world.org.path[1])) as {
      signed: { data: { command: unknown } };
    };
    const limit = {
      id: 'hourly',
      resource: 'db:**',
      operations: ['*'],
      max: 5,
      windowSeconds: 3600,
      effect: 'deny',
    };
    const rule = {
      ...{ id: 'orders', resource: 'db:prod/**', operations: ['update'], effect, when: 'args.amount > 100' },
      ...{ reversibility: 'reversible', blastRadius: 'single', obligations: [] },
      ...(effect === 'gate' ? { gate: 'desk' } : {}),
    };
    const spec = {
      ...{ task: 'refunds', level: 1, autonomy: 'bounded', clear: [], default: { effect: 'deny' } },
      ...{
        permitSeconds: 300,
        receiptSeconds: 60,
        limits: [limit, { ...limit, id: 'mail', resource: 'mail:**' }],
      },
      rules: [rule],
    };
    const boundary = { apiVersion: 'writ/v1', kind: 'PermissionBoundary', metadata: { name, scope }, spec };
    const digest = world.org.keys.root.kid;
    world.org.fact('writ.registry.boundary-published.v1', {
      name,
      scope,
      digest,
      boundary,
      command: signed.data.command,
    });
  };

  it('a client that the bus does not let hear its halts stays closed and says why', async () => {
    world = await createWorld(['gov.halt.*.acme']);
    const client = await world.agent({ startTimeoutMs: 500 });
    await until('it knows', () => world.log.some((e) => e.event === 'subscription-refused'));
    expect(client.status().gate).toMatchObject({ kind: 'closed', code: 'WRIT-ENF-002' });
    const point = await world.point({ startTimeoutMs: 500 });
    await until('it knows too', () => point.status().gate.kind === 'closed');
  });
});
