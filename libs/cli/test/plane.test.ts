// The commands against a real nats-server with the generated permissions and the real registry: no read model, nobody else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HaltId, Streams } from '@writ/contracts';
import { generateKeyPair, readKeyFile, ZERO_DIGEST } from '@writ/crypto';
import { haltDraft } from '@writ/domain';
import { sealFact } from '@writ/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectPerson } from '../src/person/connect.js';
import { init, useFolders, writ, writJson } from './run-writ.js';
import { type RunningRegistry, startRegistryOver } from './running-registry.js';

const folder = useFolders();
let home: string;
let plane: RunningRegistry;
const at = (...argv: readonly string[]) => writ(...argv, '--home', home);
const json = <T = Record<string, unknown>>(...argv: readonly string[]) =>
  writJson<T>(...argv, '--home', home);

beforeAll(async () => {
  home = await init(folder('home'));
  plane = await startRegistryOver(home);
}, 60_000);

afterAll(() => plane?.stop());

const BOUNDARY = (level: number) => `apiVersion: writ/v1
kind: PermissionBoundary
metadata: { name: ops, scope: acme.shop.prod }
spec:
  task: keep the shop running
  level: ${level}
  autonomy: autonomous
  default: { effect: deny }
  rules:
    - { id: read, resource: 'pg:orders/**', operations: [select], effect: permit }
`;

type Told = { ok: boolean; registered: boolean; events: { type: string; verified: boolean; ver: number }[] };

describe('members while the plane runs', () => {
  it('an agent is registered by the administrator, and the answer verifies up to the pinned root', async () => {
    const { exit, document } = await json<Told>(
      'agent',
      'add',
      'acme.shop.prod.ops',
      '--owner',
      'alice',
      '--as',
      'alice',
    );
    expect(exit).toBe(0);
    expect(document.registered).toBe(true);
    expect(document.events).toMatchObject([{ type: 'writ.registry.agent-registered.v1', verified: true }]);
  });

  it('the same command again changes nothing and is no failure', async () => {
    const add = () => json<Told>('agent', 'add', 'acme.shop.prod.again', '--owner', 'alice', '--as', 'alice');
    await add();
    const before = (await json<{ registry: number }>('agent', 'list')).document.registry;
    const { exit, document } = await add();
    expect([exit, document.registered, document.events]).toEqual([0, true, []]);
    expect((await json<{ registry: number }>('agent', 'list')).document.registry).toBe(before);
  });

  it('what was added while the plane was down is made known by giving the command again', async () => {
    const other = await init(folder('later'));
    await writ('agent', 'add', 'acme.shop.prod.early', '--owner', 'alice', '--home', other);
    const later = await startRegistryOver(other);
    try {
      const ran = await writJson<Told>(
        'agent',
        'add',
        'acme.shop.prod.early',
        '--owner',
        'alice',
        '--home',
        other,
      );
      expect(ran.document.events).toMatchObject([
        { type: 'writ.registry.agent-registered.v1', verified: true },
      ]);
    } finally {
      await later.stop();
    }
  });

  it('a person gets a role and loses it again', async () => {
    await at('person', 'add', 'bob', '--role', 'approver@acme', '--halt', 'acme.shop', '--as', 'alice');
    await at('person', 'grant', 'bob', '--role', 'operator@acme.shop', '--as', 'alice');
    type People = { people: { person: string; grants: string[] }[] };
    const grants = async () =>
      (await json<People>('person', 'list')).document.people.find(({ person }) => person === 'bob')?.grants;
    expect(await grants()).toEqual(['approver@acme', 'operator@acme.shop']);
    await at('person', 'revoke', 'bob', '--role', 'operator@acme.shop', '--as', 'alice');
    expect(await grants()).toEqual(['approver@acme']);
  });

  it('somebody who is no administrator is refused by the registry, with status 1', async () => {
    await at('person', 'add', 'carl', '--as', 'alice');
    const { exit, stderr } = await at(
      'agent',
      'add',
      'acme.shop.prod.mine',
      '--owner',
      'carl',
      '--as',
      'carl',
    );
    expect(exit).toBe(1);
    expect(stderr).toContain('WRIT-REG-001');
  });

  it('a removed person is off the bus', async () => {
    await at('person', 'add', 'fred', '--halt', 'acme.shop', '--as', 'alice');
    await at('person', 'remove', 'fred', '--as', 'alice');
    const { exit, stderr } = await at('halt', 'acme.shop.prod', '--as', 'fred');
    expect(exit).toBe(3);
    expect(stderr).toContain('WRIT-NATS-005');
  });
});

describe('documents while the plane runs', () => {
  it('a boundary is published and compared rule by rule with the next one', async () => {
    const [one, two] = [folder('one.yaml'), folder('two.yaml')];
    writeFileSync(one, BOUNDARY(1));
    writeFileSync(two, BOUNDARY(0).replace('select', 'select, explain'));
    const published = await json<{ digest: string; events: unknown[] }>(
      'boundary',
      'publish',
      one,
      '--as',
      'alice',
    );
    expect(published.exit).toBe(0);
    expect(published.document.events).toMatchObject([
      { type: 'writ.registry.boundary-published.v1', verified: true },
    ]);
    expect((await at('boundary', 'diff', one)).stdout).toContain(
      'the same as what is in force at acme.shop.prod',
    );
    const { document } = await json('boundary', 'diff', two);
    expect(document).toMatchObject({
      inForce: { name: 'ops', digest: published.document.digest },
      differences: [
        { change: 'changed', at: 'spec.level', before: 1, after: 0 },
        { change: 'changed', at: 'rules.read.operations', before: ['select'], after: ['select', 'explain'] },
      ],
    });
  });

  it('a command against an older version of what it changes is refused', async () => {
    const file = folder('stale.yaml');
    writeFileSync(file, BOUNDARY(1));
    await at('boundary', 'publish', file, '--as', 'alice');
    const alice = await connectPerson(home, 'alice');
    try {
      const action = { do: 'retire-boundary' as const, name: 'ops', scope: 'acme.shop.prod' };
      expect(await alice.command('registry', action, { version: 1 })).toMatchObject({
        kind: 'refused',
        code: 'WRIT-REG-004',
      });
      expect(await alice.command('registry', action)).toMatchObject({ kind: 'recorded' });
    } finally {
      await alice.close();
    }
  });
});

describe('status and verify from the ledger itself', () => {
  it('status tells agents and the head without a read model', async () => {
    const { exit, document } = await json<{
      source: string;
      agents: { scope: string }[];
      head: { seq: number };
    }>('status');
    expect(exit).toBe(0);
    expect(document.source).toBe('ledger');
    expect(document.agents.map(({ scope }) => scope)).toContain('acme.shop.prod.ops');
    expect(document.head.seq).toBeGreaterThan(10);
  });

  it('verify finds the live ledger in order, and so does an auditor with no other right', async () => {
    await at('person', 'add', 'audra', '--auditor');
    for (const more of [[], ['--auditor', 'audra']]) {
      const { exit, document } = await json<{ report: { record: { verdict: string } } }>('verify', ...more);
      expect([exit, document.report.record.verdict]).toEqual([0, 'UNANCHORED']);
    }
  });

  it('an export verifies without the plane, is never written over, and not after one byte was changed', async () => {
    const file = folder('export.ndjson');
    expect((await at('verify', '--export', file)).exit).toBe(0);
    expect((await at('verify', '--export', file)).exit).toBe(64);
    expect((await at('verify', '--file', file)).exit).toBe(0);
    const text = readFileSync(file, 'utf8');
    const place = text.indexOf('"frame":"') + 400;
    const other = text[place] === 'A' ? 'B' : 'A';
    const damaged = folder('damaged.ndjson');
    writeFileSync(damaged, text.slice(0, place) + other + text.slice(place + 1));
    const { exit, stderr } = await at('verify', '--file', damaged);
    expect(exit).toBe(1);
    expect(stderr).toContain('WRIT-VER-001');
  });

  it('an export of another organisation is refused', async () => {
    const file = folder('foreign.ndjson');
    await at('verify', '--export', file);
    const foreign = folder('foreign');
    await writ('init', '--org', 'other', '--admin', 'zoe', '--env', 'a.b', '--home', foreign);
    const { exit, stderr } = await writ('verify', '--file', file, '--home', foreign);
    expect([exit, stderr.includes('WRIT-VER-001')]).toEqual([64, true]);
  });
});

describe('writ halt', () => {
  const captured = async (): Promise<number> => {
    const info = await (await plane.as('bootstrap')).request(`$JS.API.STREAM.INFO.${Streams.halts}`, '', {
      timeout: 2000,
    });
    return info.json<{ state: { messages: number } }>().state.messages;
  };

  it('is captured although no kill-switch answers, says that it is not confirmed, and ends with status 3', async () => {
    const before = await captured();
    const { exit, document } = await json('halt', 'acme.shop.prod', '--as', 'alice', '--reason', 'drill');
    expect(exit).toBe(3);
    expect(document).toMatchObject({ published: true, recorded: false });
    expect(await captured()).toBe(before + 1);
  });

  it('is refused by the bus outside the scopes granted, and nothing is captured', async () => {
    const before = await captured();
    const { exit, stderr } = await at('halt', 'acme', '--as', 'bob');
    expect(exit).toBe(1);
    expect(stderr).toContain('WRIT-HLT-006');
    expect(await captured()).toBe(before);
  });

  const answeredBy = async (key: ReturnType<typeof generateKeyPair>) => {
    const killSwitch = await plane.as('kill-switch');
    const draft = haltDraft({
      haltId: HaltId.parse('halt-1'),
      environment: 'acme.shop.prod',
      scope: 'acme.shop.prod',
      person: 'alice',
      cause: 'human',
      reason: { _sd: [ZERO_DIGEST] },
      heardAt: '2026-03-01T12:00:00.000Z',
    });
    const subject = 'gov.ledger.authority.acme.shop.prod';
    const sealed = sealFact({
      draft,
      subject,
      seen: 1,
      key,
      service: 'kill-switch',
      now: () => '2026-03-01T12:00:00.000Z',
    });
    const frame = await sealed.bytes;
    const subscription = killSwitch.subscribe('gov.halt.*.acme.>', {
      callback: (_, message) => {
        if (message.reply) killSwitch.publish(message.reply, frame);
      },
    });
    await killSwitch.flush();
    return () => subscription.unsubscribe();
  };

  it('does not believe an answer under a key that the registry has not certified', async () => {
    const stop = await answeredBy(generateKeyPair());
    const { exit, stderr } = await at('halt', 'acme.shop.prod', '--as', 'alice');
    stop();
    expect(exit).toBe(3);
    expect(stderr).toContain('halt sent, record not confirmed');
    expect(stderr).toContain('WRIT-ENF-008');
  });

  it('does not believe an answer under the key of another service', async () => {
    const stop = await answeredBy(readKeyFile(join(home, 'keys/approval.jwk')));
    const { exit, stderr } = await at('halt', 'acme.shop.prod', '--as', 'alice');
    stop();
    expect([exit, stderr.includes('WRIT-ENF-008')]).toEqual([3, true]);
  });

  it('believes the answer under the key of the kill-switch and names the environment', async () => {
    const stop = await answeredBy(readKeyFile(join(home, 'keys/kill-switch.jwk')));
    const { exit, document } = await json('halt', 'acme.shop.prod', '--as', 'alice');
    stop();
    expect(exit).toBe(0);
    expect(document).toMatchObject({
      recorded: true,
      halts: [{ environment: 'acme.shop.prod', halt: 'halt-1', verified: true }],
    });
  });
});
