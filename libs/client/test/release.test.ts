// Going on: only by the persons' own signatures, checked here against the pinned root.
import { setTimeout as sleep } from 'node:timers/promises';
import { generateKeyPair } from '@writ/crypto';
import { describe, expect, it } from 'vitest';
import type { WritClient } from '../src/index.js';
import { gateOf, halted, permitted, publish, releaseAll, world, worldPerTest } from './peer/harness.js';
import { AGENT } from './peer/organisation.js';
import { until } from './peer/world.js';

worldPerTest();

describe('a release', () => {
  const stop = async (): Promise<WritClient> => {
    const client = await world().agent();
    publish('acme.shop');
    await until('it is acknowledged', () => world().plane.seen.acks.length === 1);
    return client;
  };

  it('signed by an operator opens the gate again, for new intents too', async () => {
    const client = await stop();
    releaseAll('acme.shop');
    await until('it is open', () => gateOf(client) === 'open');
    const done = await client.execute(await permitted(client), () => 'goes on');
    expect(done).toMatchObject({ kind: 'executed', value: 'goes on' });
  });

  const command = (key = world().ann, person = 'ann', ids = ['halt-1'], expires?: number) =>
    world().plane.releaseCommand(person, key, 'acme.shop', ids, expires);
  const bad: readonly (readonly [string, readonly string[], () => readonly Uint8Array[]])[] = [
    ['of a person without the operator role', ['bob'], () => [command(world().org.people.get('bob'), 'bob')]],
    ['under a key that is not the person', ['ann'], () => [command(generateKeyPair())]],
    ['under the key of the plane itself', ['ann'], () => [command(world().org.keys['kill-switch'])]],
    ['of one of two persons named', ['ann', 'bob'], () => [command()]],
    ['made out in the name of another person', ['ann'], () => [command(world().ann, 'bob')]],
    ['that names another halt', ['ann'], () => [command(world().ann, 'ann', ['halt-9'])]],
    ['that had expired', ['ann'], () => [command(world().ann, 'ann', ['halt-1'], Date.now() - 1000)]],
    ['whose command was altered', ['ann'], () => [tampered(command())]],
  ];
  const tampered = (frame: Uint8Array): Uint8Array => {
    const text = new TextDecoder().decode(frame);
    return new TextEncoder().encode(text.replace('"version":1', '"version":2'));
  };
  it.each(bad)('%s does not resume the agent', async (_, by, commands) => {
    const client = await stop();
    world().plane.release(by, 'acme.shop', ['halt-1'], commands());
    await until('it was noticed', () => world().log.some((e) => e.event === 'release-not-proved'));
    await sleep(50);
    expect(halted(client)).toBe(true);
    // The plane no longer lists it either: that alone must not open the gate.
    await client.capabilities();
    expect(halted(client)).toBe(true);
    expect(client.status().unproven).toEqual(['halt-1']);
  });

  it('by a person added since the key path was read is checked after reading it again', async () => {
    const client = await stop();
    const eve = world().org.addPerson('eve', [{ role: 'operator', scope: 'acme.shop' }]);
    world().plane.release(['eve'], 'acme.shop', ['halt-1'], [command(eve, 'eve')]);
    await until('it is open', () => gateOf(client) === 'open');
  });

  it('by an operator of the environment, for the environment, does not end a halt of the project there', async () => {
    const client = await stop();
    const scope = 'acme.shop.prod';
    const eve = world().org.addPerson('eve', [{ role: 'operator', scope }]);
    const signed = world().plane.releaseCommand('eve', eve, scope, ['halt-1']);
    world().plane.release(['eve'], scope, ['halt-1'], [signed]);
    await until('it was noticed', () => world().log.some((e) => e.event === 'release-not-proved'));
    expect(halted(client)).toBe(true);
  });

  it('by an operator of the environment does not end a halt of the project', async () => {
    const client = await stop();
    const eve = world().org.addPerson('eve', [{ role: 'operator', scope: 'acme.shop.prod' }]);
    world().plane.release(['eve'], 'acme.shop', ['halt-1'], [command(eve, 'eve')]);
    await until('it was noticed', () => world().log.some((e) => e.event === 'release-not-proved'));
    expect(halted(client)).toBe(true);
  });

  it('of one halt leaves the other that covers the agent', async () => {
    const client = await stop();
    publish(AGENT);
    await until('both are known', () => client.status().halts.filter((h) => h.id !== null).length === 2);
    world().plane.release(['ann'], 'acme.shop', ['halt-1'], [command()]);
    await until('one is gone', () => client.status().halts.length === 1);
    expect(halted(client)).toBe(true);
    releaseAll();
    await until('it is open', () => gateOf(client) === 'open');
  });

  it('that was missed is caught up with from the facts behind a state reply', async () => {
    const client = await stop();
    const fact = world().plane.release(['ann'], 'acme.shop', ['halt-1'], [command()], true);
    world().plane.will.tail = [fact];
    await client.capabilities();
    await until('it is open', () => gateOf(client) === 'open');
  });

  it('by a person who has left since does not keep a client halted that begins after it', async () => {
    const halt = world().plane.engage('ann', 'acme.shop');
    const eve = world().org.addPerson('eve', [{ role: 'operator', scope: 'acme.shop' }]);
    const signed = world().plane.releaseCommand('eve', eve, 'acme.shop', [halt.id]);
    const fact = world().plane.release(['eve'], 'acme.shop', [halt.id], [signed], true);
    world().org.fact('writ.registry.person-removed.v1', { person: 'eve' });
    world().plane.will.tail = [world().plane.factOf(halt), fact];
    const client = await world().agent();
    expect(client.status().halts).toEqual([]);
    expect(gateOf(client)).toBe('open');
  });
});
