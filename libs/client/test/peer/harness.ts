// What the tests over a real bus share: one world for each test, and the moves that they make in it.
import { afterEach, beforeEach } from 'vitest';
import type { IntentHandle, WritClient } from '../../src/index.js';
import { ORG } from './organisation.js';
import { change, createWorld, type World } from './world.js';

let current: World | undefined;

/** The world of the test that is running. */
export const world = (): World => {
  if (current === undefined) throw new Error('no test is running');
  return current;
};

/** A new world for each test of the file that calls this. */
export const worldPerTest = (): void => {
  beforeEach(async () => {
    current = await createWorld();
  });
  afterEach(() => world().close());
};

/** Authorises an intent that is expected to be permitted. */
export const permitted = async (client: WritClient, intent = change()): Promise<IntentHandle> => {
  const answer = await client.authorize(intent);
  if (answer.kind !== 'permitted') throw new Error(`not permitted: ${JSON.stringify(answer)}`);
  return answer.handle;
};

/** Publishes a halt as any NATS client may. */
export const publish = (scope: string, body = '{"reason":"runaway refunds"}', person = 'ann'): void =>
  world().plane.bus.publish(`gov.halt.${person}.${scope}`, body);

export const gateOf = (client: WritClient) => client.status().gate.kind;

export const halted = (client: WritClient): boolean => {
  const { gate } = client.status();
  return gate.kind === 'closed' && gate.code === 'WRIT-ENF-001';
};

/** Releases every halt in force with ann's own signature. */
export const releaseAll = (scope = ORG) => {
  const { plane, ann } = world();
  const ids = [...plane.halts.keys()];
  return plane.release(['ann'], scope, ids, [plane.releaseCommand('ann', ann, scope, ids)]);
};
