// Boundaries, gates and delegations in the registry: what is published, what is in force, what is refused.
import type { PermissionBoundary, RegistryAction } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { boundaryOf, rule } from '../../test/given/boundary.js';
import { digest, iso } from '../../test/given/recorded.js';
import { AGENT, agentKey, ann, given, T0, when, withBot } from '../../test/given/registry.js';
import { boundaryByDigest, boundaryFor, gateByDigest, gateFor } from './index.js';

const refusal = (code: string, reason?: RegExp) =>
  expect.objectContaining({
    kind: 'refused',
    code,
    ...(reason ? { reason: expect.stringMatching(reason) } : {}),
  });
const changed = expect.objectContaining({ kind: 'changed' });
const publish = (boundary: PermissionBoundary): RegistryAction => ({ do: 'publish-boundary', boundary });
const gate = (name: string, scope: string, people: string[] = ['ann']): RegistryAction => ({
  do: 'publish-gate',
  gate: {
    apiVersion: 'writ/v1',
    kind: 'ApprovalGate',
    metadata: { name, scope },
    spec: {
      type: 'human',
      approvers: { people, roles: [] },
      quorum: 1,
      deadlineSeconds: 60,
      fallback: 'deny',
      excludeOwner: false,
      grantSeconds: 60,
    },
  },
});
const wide = boundaryOf({ rules: [rule({})] }, 'acme.shop.prod');
const narrow = boundaryOf({ rules: [] }, AGENT);

describe('boundaries', () => {
  it('are in force at the most specific scope, until retired, and found by digest for ever', () => {
    const first = when(given(...withBot), publish(wide), { boundaryDigest: digest(701) }).state;
    const both = when(first, publish(narrow), { boundaryDigest: digest(702) }).state;
    expect(boundaryFor(both, AGENT)).toMatchObject({
      digest: digest(702),
      publishedAt: both.seq,
      ver: both.ver,
    });
    expect(boundaryFor(both, 'acme.shop.prod.other')).toMatchObject({ digest: digest(701) });
    expect(boundaryFor(both, 'acme.shop.staging.x')).toBeUndefined();
    const retired = when(both, { do: 'retire-boundary', name: 'ops', scope: AGENT }).state;
    expect(boundaryFor(retired, AGENT)).toMatchObject({ digest: digest(701) });
    expect(boundaryByDigest(retired, digest(702))?.boundary).toEqual(narrow);
  });

  it('can be replaced and rolled back, but not published twice or beside another one of the scope', () => {
    const first = when(given(...withBot), publish(wide), { boundaryDigest: digest(701) }).state;
    expect(when(first, publish(wide), { boundaryDigest: digest(701) }).result).toEqual(
      refusal('WRIT-REG-003'),
    );
    const second = when(first, publish(wide), { boundaryDigest: digest(702) }).state;
    expect(when(second, publish(wide), { boundaryDigest: digest(701) }).result).toEqual(changed);
    const named = { ...wide, metadata: { ...wide.metadata, name: 'other' } };
    expect(when(second, publish(named), { boundaryDigest: digest(703) }).result).toEqual(
      refusal('WRIT-REG-003', /ops/),
    );
  });

  it('are refused with code, path and reason when they do not hold together', () => {
    const broken = boundaryOf({ rules: [rule({ when: 'args.rows > 1' })] });
    const { result } = when(given(...withBot), publish(broken));
    expect(result).toEqual(refusal('WRIT-REG-006', /WRIT-BND-004 spec\.rules\[0\]\.when: args\.rows/));
  });

  it('are refused while a gate that they name is not published, or their environment is not there', () => {
    const gated = boundaryOf({ rules: [rule({ effect: 'gate', gate: 'people' })] });
    expect(when(given(...withBot), publish(gated)).result).toEqual(refusal('WRIT-REG-002', /people/));
    expect(when(given(...withBot, gate('people', 'acme')), publish(gated)).result).toEqual(changed);
    const nowhere = boundaryOf({ rules: [] }, 'acme.shop.dev');
    expect(when(given(...withBot), publish(nowhere)).result).toEqual(refusal('WRIT-REG-002'));
  });

  it('are published by an administrator of their scope only', () => {
    const state = given(...withBot, {
      do: 'grant-role',
      person: 'ann',
      grant: { role: 'operator', scope: 'acme' },
    });
    expect(when(state, publish(wide), { author: ann }).result).toEqual(changed);
    const other = { kind: 'person', person: 'eve' } as const;
    expect(when(state, publish(wide), { author: other }).result).toEqual(refusal('WRIT-REG-001'));
  });
});

describe('gates', () => {
  it('are found by name at the most specific scope, and by digest for ever', () => {
    const state = given(...withBot, gate('people', 'acme'), gate('people', 'acme.shop.prod'));
    expect(gateFor(state, 'people', AGENT)?.scope).toBe('acme.shop.prod');
    expect(gateFor(state, 'people', 'acme.shop.staging.x')?.scope).toBe('acme');
    const retire: RegistryAction = { do: 'retire-gate', name: 'people', scope: 'acme.shop.prod' };
    const retired = when(state, retire).state;
    expect(gateFor(retired, 'people', AGENT)?.scope).toBe('acme');
    expect(gateByDigest(retired, digest(800))).toBeDefined();
    expect(when(retired, retire).result).toEqual(refusal('WRIT-REG-002'));
  });

  it('are refused when nobody could open them', () => {
    expect(when(given(...withBot), gate('people', 'acme', [])).result).toEqual(refusal('WRIT-REG-006'));
  });
});

describe('tools, criteria and delegations', () => {
  const second = 'acme.shop.prod.second';
  const state = when(
    given(...withBot, { do: 'register-agent', agent: second, owner: 'ann', key: agentKey(250, second) }),
    publish(wide),
  ).state;
  const delegate = (to: string, expires: string): RegistryAction => ({
    do: 'grant-delegation',
    delegation: { from: AGENT, to, boundary: digest(700), expires, depth: 1 },
  });

  it('delegate within an environment, to an agent in service, for a time, and can be revoked once', () => {
    const granted = when(state, delegate(second, iso(T0 + 1000)));
    expect(granted.result).toEqual(changed);
    const [event] = (granted.result as { readonly events: readonly string[] }).events;
    const revoke: RegistryAction = { do: 'revoke-delegation', event: event as string };
    const revoked = when(granted.state, revoke, { author: ann });
    expect(revoked.state.delegations.get(event as string)).toMatchObject({ revoked: true });
    expect(when(revoked.state, revoke).result).toEqual(refusal('WRIT-REG-002'));
    expect(when(state, delegate(AGENT, iso(T0 + 1000))).result).toEqual(refusal('WRIT-REG-006'));
    expect(when(state, delegate(second, iso(T0))).result).toEqual(refusal('WRIT-REG-006'));
    expect(when(state, delegate('acme.shop.prod.ghost', iso(T0 + 1000))).result).toEqual(
      refusal('WRIT-REG-002'),
    );
  });

  it('register a tool again only when it changed', () => {
    const tool = (version: string): RegistryAction => ({
      do: 'register-tool',
      manifest: { tool: 'sql', version, digest: digest(900), operations: ['read'] },
    });
    const first = when(state, tool('1'));
    expect(when(first.state, tool('1')).result).toEqual(refusal('WRIT-REG-003'));
    expect(when(first.state, tool('2')).state.tools.get('sql')).toMatchObject({ version: '2' });
    const criteria = { name: 'grown', scope: 'acme', minDecisions: 1, maxFlags: 0, minDays: 1 };
    const published = when(state, { do: 'publish-criteria', criteria });
    expect(published.state.criteria.get('acme/grown')).toEqual(criteria);
  });
});
