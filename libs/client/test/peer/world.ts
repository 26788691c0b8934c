// One server, one organisation, one plane and the clients of a test, all closed at its end.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyPair } from '@writ/crypto';
import {
  type ClientEvent,
  type ConnectOptions,
  type Credentials,
  connectEnforcementPoint,
  connectWrit,
  type EnforcementPoint,
  type WritClient,
} from '../../src/index.js';
import { AGENT, createOrganisation, ORG, type Organisation, POINT } from './organisation.js';
import { type Plane, startPlane } from './plane.js';
import { type Server, startServer } from './server.js';

export type World = {
  readonly server: Server;
  readonly org: Organisation;
  readonly plane: Plane;
  readonly ann: KeyPair;
  readonly log: ClientEvent[];
  credentials(more?: Partial<Credentials>): Credentials;
  agent(options?: ConnectOptions, more?: Partial<Credentials>): Promise<WritClient>;
  point(options?: ConnectOptions): Promise<EnforcementPoint>;
  close(): Promise<void>;
};

/** Builds a world. `ann` is operator of the whole organisation, `bob` of nothing; nobody may subscribe to `deny`. */
export const createWorld = async (deny: readonly string[] = []): Promise<World> => {
  const server = await startServer(deny);
  const org = createOrganisation();
  const ann = org.addPerson('ann', [{ role: 'operator', scope: ORG }]);
  org.addPerson('bob', []);
  const plane = await startPlane(server.url, org);
  const clients: { close(): Promise<void> }[] = [];
  const log: ClientEvent[] = [];
  const credentials = (more: Partial<Credentials> = {}): Credentials => ({
    org: ORG,
    scope: AGENT,
    role: 'agent',
    natsUrl: server.url,
    roots: [{ kid: org.keys.root.kid, x: org.keys.root.x }],
    key: org.keys.agent,
    ...more,
  });
  const opened = <C extends { close(): Promise<void> }>(client: C): C => {
    clients.push(client);
    return client;
  };
  const logged = (options: ConnectOptions): ConnectOptions => ({ log: (e) => void log.push(e), ...options });
  return {
    server,
    org,
    plane,
    ann,
    log,
    credentials,
    agent: async (options = {}, more = {}) => opened(await connectWrit(credentials(more), logged(options))),
    point: async (options = {}) => {
      const own = credentials({ scope: POINT, role: 'enforcement-point', key: org.keys.point });
      return opened(await connectEnforcementPoint(own, logged(options)));
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await plane.stop();
      await server.stop();
    },
  };
};

/** Waits until something holds; fails with `what` when it does not come about in time. */
export const until = async (what: string, holds: () => boolean, ms = 5000): Promise<void> => {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`it did not happen in ${ms} ms: ${what}`);
    await sleep(5);
  }
};

/** An intent to change an order. */
export const change = (
  args: Record<string, string | number> = { id: 'o-1', amount: 40 },
  operation = 'update',
) => ({
  action: { tool: 'orders', operation, resource: 'db:prod/orders', args },
  reasoning: { goal: 'refund the customer', model: 'm-1' },
});
