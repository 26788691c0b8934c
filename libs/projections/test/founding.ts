// The founding of a test ledger: organisation, services, people, agents, a boundary, an opened environment.
import { PermissionBoundary } from '@writ/contracts';
import type { KeyPair } from '@writ/crypto';
import { AGENT, digest, ENV, ORG, OTHER, type TestChain } from './chain.js';

const certificate = (chain: TestChain, key: KeyPair, role: string, holder: string, scope: string) => ({
  kid: key.kid,
  x: key.x,
  role,
  holder,
  scope,
  possession: chain.frame('key-possession', key, `gov.ledger.registry.${ORG}`, {
    x: key.x,
    role,
    holder,
    scope,
  }),
});

/** A signed command, as registry events embed it. */
export const command = (chain: TestChain) =>
  chain.frame('command', chain.keys['alice']!, `gov.command.registry.${ORG}.alice`, { note: 'test' });

export const boundary = PermissionBoundary.parse({
  apiVersion: 'writ/v1',
  kind: 'PermissionBoundary',
  metadata: { name: 'refunds', scope: ENV },
  spec: {
    task: 'refund customers',
    level: 1,
    autonomy: 'bounded',
    default: { effect: 'deny' },
    rules: [{ id: 'read', resource: 'db:orders/**', operations: ['read'], effect: 'permit' }],
  },
});

/** Writes the organisation: services, two people, two agents, a boundary, the opened environment. */
export const found = (chain: TestChain): void => {
  const { keys } = chain;
  const registrar = certificate(chain, keys['registrar']!, 'registrar', 'registry', ORG);
  const { kid, x } = keys['root']!;
  chain.append({
    type: 'writ.registry.organisation-founded.v1',
    data: { org: ORG, roots: [{ kid, x }], threshold: 1, registrar },
  });
  for (const role of ['decision', 'approval', 'receipt-ledger', 'anomaly-detector', 'kill-switch']) {
    certify(chain, keys[role]!, role, role, ORG);
  }
  chain.append({
    type: 'writ.registry.project-created.v1',
    data: { project: 'shop', command: command(chain) },
  });
  chain.append({
    type: 'writ.registry.environment-created.v1',
    data: { project: 'shop', environment: 'prod', command: command(chain) },
  });
  addPerson(chain, 'alice', [
    { role: 'admin', scope: ORG },
    { role: 'approver', scope: ENV },
  ]);
  addPerson(chain, 'bob', [{ role: 'approver', scope: ENV }]);
  registerAgent(chain, AGENT, 'agent', 'alice');
  registerAgent(chain, OTHER, 'other', 'bob');
  chain.append({
    type: 'writ.registry.boundary-published.v1',
    data: { name: 'refunds', scope: ENV, digest: digest('refunds'), boundary, command: command(chain) },
  });
  chain.append({
    type: 'writ.authority.environment-opened.v1',
    data: { environment: ENV, registryEvent: `${chain.nextId()}.registry.0`, haltsInForce: [] },
  });
};

/** Certifies a key. */
export const certify = (chain: TestChain, key: KeyPair, role: string, holder: string, scope: string) =>
  chain.append({
    type: 'writ.registry.key-certified.v1',
    data: { key: certificate(chain, key, role, holder, scope), command: command(chain) },
  });

/** Adds a person whose key is that of the chain. */
export const addPerson = (chain: TestChain, person: string, grants: readonly object[]) =>
  chain.append({
    type: 'writ.registry.person-added.v1',
    data: {
      person,
      grants,
      key: certificate(chain, chain.keys[person]!, 'person', person, ORG),
      command: command(chain),
    },
  });

/** Registers an agent with one of the chain's keys. */
export const registerAgent = (chain: TestChain, agent: string, key: string, owner: string) =>
  chain.append({
    type: 'writ.registry.agent-registered.v1',
    agent: undefined as never,
    data: {
      agent,
      owner,
      key: certificate(chain, chain.keys[key]!, 'agent', agent, agent),
      command: command(chain),
    },
  });

/** A registry change by command. */
export const registry = (chain: TestChain, fact: string, data: object) =>
  chain.append({ type: `writ.registry.${fact}.v1`, data: { ...data, command: command(chain) } });
