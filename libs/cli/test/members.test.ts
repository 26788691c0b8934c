// Agents and people while the plane is down: the bus's roster is changed, the registry is told later.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { init, useFolders, writ, writJson } from './run-writ.js';

const folder = useFolders();
let home: string;
const at = (...argv: readonly string[]) => writ(...argv, '--home', home);
const json = <T>(...argv: readonly string[]) => writJson<T>(...argv, '--home', home);

beforeAll(async () => {
  home = await init(folder('home'));
});

const accounts = (): string => readFileSync(join(home, 'nats/permissions.conf'), 'utf8');

describe('members without a running plane', () => {
  it('adds an agent: keys with mode 0600, the right to publish its intents, and what is left to do', async () => {
    const { exit, stdout } = await at(
      'agent',
      'add',
      'acme.shop.prod.ops',
      '--owner',
      'alice',
      '--as',
      'alice',
    );
    expect(exit).toBe(0);
    const dir = join(home, 'agents/acme.shop.prod.ops');
    for (const name of ['agent.jwk', 'agent.nk']) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    expect(accounts()).toContain('gov.intent.acme.shop.prod.ops');
    expect(stdout).toContain(dir);
    expect(stdout).toContain('not yet known to the registry');
  });

  it('gives the same keys when the agent is added again', async () => {
    const key = () => readFileSync(join(home, 'agents/acme.shop.prod.twice/agent.jwk'), 'utf8');
    await at('agent', 'add', 'acme.shop.prod.twice', '--owner', 'alice');
    const before = key();
    const { exit } = await at('agent', 'add', 'acme.shop.prod.twice', '--owner', 'alice');
    expect(exit).toBe(0);
    expect(key()).toBe(before);
  });

  it('refuses an agent without an owner who is a person of the organisation', async () => {
    const { exit, stderr } = await at('agent', 'add', 'acme.shop.prod.orphan', '--owner', 'nobody');
    expect(exit).toBe(1);
    expect(stderr).toContain('WRIT-REG-002');
    expect(existsSync(join(home, 'agents/acme.shop.prod.orphan'))).toBe(false);
  });

  it('changes nothing on the bus for somebody who has no key to sign with', async () => {
    const before = accounts();
    const { exit, stderr } = await at(
      'agent',
      'add',
      'acme.shop.prod.late',
      '--owner',
      'alice',
      '--as',
      'mallory',
    );
    expect(exit).toBe(1);
    expect(stderr).toContain('WRIT-KEY-101');
    expect(accounts()).toBe(before);
  });

  it('adds an enforcement point under its own kind', async () => {
    const { exit } = await at(
      'agent',
      'add',
      'acme.shop.prod.proxy',
      '--owner',
      'alice',
      '--enforcement-point',
    );
    expect(exit).toBe(0);
    expect(accounts()).toContain('gov.halt.*.acme.shop.prod.*');
    const { document } = await json<{ agents: { scope: string }[] }>('agent', 'list', '--enforcement-point');
    expect(document.agents.map(({ scope }) => scope)).toEqual(['acme.shop.prod.proxy']);
  });

  it('adds a person who may halt exactly the scopes given', async () => {
    const { exit, document } = await json<{ registered: boolean }>(
      ...['person', 'add', 'bob', '--role', 'approver@acme', '--halt', 'acme.shop', '--as', 'alice'],
    );
    expect(exit).toBe(0);
    expect(document.registered).toBe(false);
    expect(accounts()).toContain('gov.halt.bob.acme.shop');
    expect(accounts()).not.toContain('"gov.halt.bob.acme"');
  });

  it('gives and takes a scope to halt', async () => {
    await at('person', 'add', 'carol', '--halt', 'acme.shop.prod', '--as', 'alice');
    await at('person', 'grant', 'carol', '--halt', 'acme.other', '--as', 'alice');
    expect(accounts()).toContain('gov.halt.carol.acme.other');
    expect(accounts()).toContain('gov.halt.carol.acme.shop.prod');
    await at('person', 'revoke', 'carol', '--halt', 'acme.shop.prod', '--as', 'alice');
    expect(accounts()).not.toContain('gov.halt.carol.acme.shop.prod');
  });

  it('asks who signs when that is not clear', async () => {
    await at('person', 'add', 'dora', '--as', 'alice');
    const { exit, stderr } = await at('agent', 'add', 'acme.shop.prod.x', '--owner', 'alice');
    expect(exit).toBe(2);
    expect(stderr).toContain('--as one of: alice, ');
  });

  it('adds and removes an auditor, who signs nothing and so needs nobody to sign', async () => {
    expect((await at('person', 'add', 'audra', '--auditor')).exit).toBe(0);
    expect(accounts()).toContain('_INBOX.audra.>');
    expect(existsSync(join(home, 'auditors/audra/auditor.jwk'))).toBe(false);
    expect((await at('person', 'remove', 'audra', '--auditor')).exit).toBe(0);
    expect(accounts()).not.toContain('_INBOX.audra.>');
  });

  it('removes an agent from the bus and keeps its folder', async () => {
    await at('agent', 'add', 'acme.shop.prod.gone', '--owner', 'alice', '--as', 'alice');
    const { exit } = await at('agent', 'remove', 'acme.shop.prod.gone', '--as', 'alice');
    expect(exit).toBe(0);
    expect(accounts()).not.toContain('gov.intent.acme.shop.prod.gone');
    expect(existsSync(join(home, 'agents/acme.shop.prod.gone/agent.jwk'))).toBe(true);
  });

  it('lists people with what the bus lets them halt, and says that the registry was not asked', async () => {
    const { stdout } = await at('person', 'list');
    expect(stdout).toMatch(/alice +unknown +admin@acme, operator@acme, approver@acme +may halt acme/);
    expect(stdout).toContain('the plane does not answer');
  });
});

describe('commands that need the plane', () => {
  it.each([
    ['status', 3],
    ['halt acme.shop --as alice', 3],
    ['release acme --halt halt-1 --as alice', 3],
    ['approve 01981f2e --as alice', 3],
    ['boundary diff BOUNDARY', 3],
    ['verify', 69],
  ])('say so when it is down: writ %s ends with status %i', async (line, status) => {
    const boundary = join(import.meta.dirname, '../../../docs/examples/orders/boundary.yaml');
    const { exit, stderr } = await at(
      ...line.split(' ').map((word) => (word === 'BOUNDARY' ? boundary : word)),
    );
    expect(exit).toBe(status);
    expect(stderr).toContain('WRIT-CLI-005');
    expect(stderr).toContain('writ up');
  });

  it('status still tells which services do not run', async () => {
    const { document } = await json<{ ok: boolean; services: { state: string }[] }>('status');
    expect(document.ok).toBe(false);
    expect(document.services.map(({ state }) => state)).toEqual(Array(8).fill('not-running'));
  });
});
