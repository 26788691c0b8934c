// Halts and environments that come late, halts that are over, and the keys that are taken away.
import { authorityInitial, evolveAuthority, type HaltInput, haltDraft } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import { keepRegistryFrames, type Plane } from '@writ/runtime';
import { describe, expect, it } from 'vitest';
import { following } from '../../../libs/domain/test/recording.js';
import { openEnvironments } from '../src/environments.js';
import { keepHaltFacts } from '../src/halt-facts.js';
import { keepHaltRecord } from '../src/halt-record.js';
import { type HaltDeps, missedIn, recordMissed } from '../src/halts.js';

const OLD = 'acme.shop.prod';
const NEW = 'acme.shop.late';
const halt: HaltInput = {
  ...{ haltId: 'halt-1', environment: OLD, scope: 'acme.shop', person: 'oncall' },
  cause: 'human',
  ...{ reason: { _sd: [] }, heardAt: '2026-01-01T00:00:00.000Z' },
};

it('an environment is opened with the halts of the moment at which it is decided', async () => {
  const ledger = following(authorityInitial, evolveAuthority);
  const registry = { environments: new Map([[NEW, { scope: NEW, event: 'r.registry.0' }]]) };
  const plane = { registry: () => registry } as unknown as Plane;
  const named: unknown[] = [];
  const submit = async ({
    decide,
  }: {
    decide: (view: object) => { events: readonly { data: object }[] };
  }) => {
    ledger.tell([haltDraft(halt)]);
    for (const { data } of decide({ state: authorityInitial }).events) named.push(data);
  };
  await openEnvironments(plane, {
    of: () => ({ submit }),
    state: (scope: string) => (scope === OLD ? ledger.state : authorityInitial),
    scopes: () => [OLD],
  } as never);
  expect(named).toMatchObject([{ haltsInForce: [{ id: 'halt-1' }] }]);
});

describe('an environment that was opened while a halt was recorded elsewhere', () => {
  const ledger = following(authorityInitial, evolveAuthority);
  const [fact] = ledger.tell([haltDraft(halt)]);
  const opening = following(authorityInitial, evolveAuthority);
  const data = { environment: NEW, registryEvent: 'r.registry.0', haltsInForce: [] };
  opening.tell([
    {
      ...{ type: 'writ.authority.environment-opened.v1', id: 'r.authority.0', data },
      ...{ causationid: 'r', correlationid: 'r' },
    },
  ]);
  const states = new Map([
    [OLD, ledger.state],
    [NEW, opening.state],
  ]);
  const record = keepHaltRecord();
  record.take({ ...fact, scope: OLD } as unknown as LedgerEvent);
  const appended: string[] = [];
  const registry = { environments: new Map([OLD, NEW].map((scope) => [scope, { scope }])) };
  const deps = {
    plane: { registry: () => registry, log: { warn: () => undefined } },
    authority: {
      state: (scope: string) => states.get(scope) ?? authorityInitial,
      scopes: () => [...states.keys()],
    },
    facts: { append: async (environment: string) => void appended.push(environment) },
    record,
  } as unknown as HaltDeps;

  it('lacks that halt and gets it', async () => {
    expect(missedIn(deps, NEW).map(({ id }) => id)).toEqual(['halt-1']);
    await recordMissed(deps);
    expect(appended).toEqual([NEW]);
  });

  it('does not get it when it began under it, although it was released there', () => {
    const { opened } = opening.state;
    const begun = { ...opening.state, opened: { ...opened, halts: opened?.halts.add('halt-1') } };
    states.set(NEW, begun as typeof opening.state);
    expect(missedIn(deps, NEW)).toEqual([]);
  });
});

it('behind a state travel the halts in force and the releases, not the halts that are over', () => {
  const ledger = following(authorityInitial, evolveAuthority);
  const facts = keepHaltFacts();
  const drafts = [haltDraft(halt), haltDraft({ ...halt, haltId: 'halt-2' })];
  for (const rec of ledger.tell(drafts)) {
    const bytes = Buffer.from(rec.document.id);
    facts.take({ ...rec, scope: OLD, bytes } as unknown as LedgerEvent, ledger.state);
  }
  const told = facts.of(OLD, new Set(['halt-2']), () => true).map((bytes) => Buffer.from(bytes).toString());
  expect(told).toEqual(['halt-2.authority.0.shop.prod']);
});

it('the key path tells of revoked service keys, without their certificates; agents are left out of both', () => {
  const roles = new Map([
    ['service', 'decision'],
    ['agent', 'agent'],
  ]);
  let tell: (event: LedgerEvent) => void = () => undefined;
  const keys = new Map([...roles].map(([kid, role]) => [kid, { kid, role }]));
  const plane = {
    org: 'acme',
    registry: () => ({ keys }),
    follower: {
      listen: (listener: typeof tell) => {
        tell = listener;
      },
    },
  } as unknown as Plane;
  const frames = keepRegistryFrames(plane);
  const happen = (fact: string, data: object): void =>
    tell({
      ...{
        family: 'registry',
        scope: 'acme',
        void: false,
        bytes: Buffer.from(`${fact} ${JSON.stringify(data)}`),
      },
      document: { type: `writ.registry.${fact}.v1`, id: fact, data },
    } as unknown as LedgerEvent);
  for (const [kid, role] of roles) happen('key-certified', { key: { kid, role } });
  for (const kid of roles.keys()) happen('key-revoked', { kid });
  expect(frames.keyPath().map(String)).toEqual(['key-revoked {"kid":"service"}']);
  expect([...frames.revokedKeys()]).toEqual(['service']);
});
