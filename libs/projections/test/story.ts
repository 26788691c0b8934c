// The facts that tests append to a test ledger: founding, decisions, gates, receipts, outcomes, halts.
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

const command = (chain: TestChain) =>
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

export type Asked = { readonly intentId: string; readonly agent: string; readonly decision: string };

export type Ask = {
  readonly agent?: string;
  readonly intentId?: string;
  readonly resource?: string;
  readonly operation?: string;
  readonly verdict?: 'permitted' | 'denied' | 'escalated';
  readonly model?: string;
};

/** An intent and its decision. */
export const decide = (chain: TestChain, ask: Ask = {}): Asked => {
  const { agent = AGENT, resource = 'db:orders/42', operation = 'read', verdict = 'permitted' } = ask;
  const intentId = ask.intentId ?? chain.nextId();
  const key = chain.keys[agent === OTHER ? 'other' : 'agent']!;
  const empty = { _sd: [] };
  const intent = chain.frame(
    'intent',
    key,
    `gov.intent.${agent}`,
    {
      action: { tool: 'postgres', operation, resource, args: empty },
      reasoning: { private: empty, ...(ask.model === undefined ? {} : { model: ask.model }) },
      evidence: [],
      reversal: { method: 'none', private: empty },
      deadline: chain.now(),
      delegation: [],
    },
    intentId,
  );
  const decision = `${intentId}.decision.0`;
  const gated =
    verdict === 'escalated' ? { gate: { name: 'people', digest: digest('people') }, lowRisk: false } : {};
  chain.append({
    type: `writ.decision.${verdict}.v1`,
    id: decision,
    agent,
    correlation: intentId,
    data: {
      agent,
      intent,
      intentDigest: digest(intentId),
      disclosed: [],
      boundary: {
        name: 'refunds',
        digest: digest('refunds'),
        event: `${chain.nextId()}.registry.0`,
        level: 1,
      },
      registryVer: 12,
      rule: verdict === 'permitted' ? 'read' : null,
      codes: [verdict === 'permitted' ? 'rule-permits' : 'default'],
      inputs: {
        now: chain.now(),
        agentStatus: 'active',
        containment: 'none',
        autonomy: 'bounded',
        halted: false,
        counters: {},
      },
      reversibility: 'reversible',
      blastRadius: 'single',
      obligations: [],
      obligedDigest: digest('args'),
      expires: chain.now(),
      ...gated,
    },
  });
  return { intentId, agent, decision };
};

const ofIntent = ({ agent, intentId }: Asked) => ({ agent, intentId, intentDigest: digest(intentId) });

/** A receipt for a decided intent. */
export const issue = (chain: TestChain, asked: Asked): string => {
  const id = `${asked.intentId}.authority.0`;
  const key = chain.keys[asked.agent === OTHER ? 'other' : 'agent']!;
  const request = {
    intentId: asked.intentId,
    agent: asked.agent,
    argsDigest: digest('args'),
    expires: chain.now(),
  };
  chain.append({
    type: 'writ.authority.receipt-issued.v1',
    id,
    agent: asked.agent,
    data: {
      ...ofIntent(asked),
      audience: { name: asked.agent, kid: key.kid },
      request: chain.frame('receipt-request', key, `gov.receipt.${asked.agent}`, request),
      who: { via: 'policy', decision: { id: asked.decision, digest: digest('decision') }, approval: null },
      what: {
        tool: 'postgres',
        operation: 'read',
        resource: 'db:orders/42',
        argsDigest: digest('args'),
        obligations: [],
      },
      when: { issued: chain.now(), expires: chain.now() },
      why: {
        boundary: { name: 'refunds', digest: digest('refunds') },
        currentBoundaryDigest: digest('refunds'),
        rule: 'read',
        codes: ['rule-permits'],
      },
    },
  });
  return id;
};

/** The outcome that closes a receipt. */
export const report = (
  chain: TestChain,
  asked: Asked,
  receipt: string,
  fact: 'succeeded' | 'failed' = 'succeeded',
) => {
  const key = chain.keys[asked.agent === OTHER ? 'other' : 'agent']!;
  return chain.append({
    type: `writ.outcome.${fact}.v1`,
    id: `${asked.intentId}.outcome.0`,
    agent: asked.agent,
    data: {
      agent: asked.agent,
      intentId: asked.intentId,
      receipt,
      report: chain.frame('outcome-report', key, `gov.outcome.${asked.agent}`, { note: 'test' }),
      reportedBy: { name: asked.agent, kid: key.kid },
      effects: [{ resource: 'db:orders/42', operation: 'read', count: 1 }],
      result: { _sd: [] },
      late: false,
    },
  });
};

/** A fact about a gate. */
export const gate = (chain: TestChain, asked: Asked, fact: string, data: object = {}) =>
  chain.append({
    type: `writ.approval.${fact}.v1`,
    agent: asked.agent,
    data: { ...ofIntent(asked), ...data },
  });

/** Opens the gate of an escalated intent. */
export const openGate = (chain: TestChain, asked: Asked) =>
  gate(chain, asked, 'gate-opened', {
    decision: { id: asked.decision, digest: digest('decision') },
    gate: { name: 'people', digest: digest('people') },
    boundaryDigest: digest('refunds'),
    obligedDigest: digest('args'),
    approvers: ['alice', 'bob'],
    excluded: [],
    quorum: 2,
    fallback: 'deny',
    deadline: '2026-03-01T11:00:00.000Z',
    grantSeconds: 300,
  });

/** One person's vote. */
export const vote = (chain: TestChain, asked: Asked, person: 'alice' | 'bob', choice = 'approve') =>
  gate(chain, asked, 'voted', {
    person,
    choice,
    vote: chain.frame('vote', chain.keys[person]!, `gov.vote.${ORG}.${person}`, { note: 'test' }),
    voteDigest: digest(`${person} ${asked.intentId}`),
  });

/** Engages a halt. */
export const halt = (chain: TestChain, id: string, scope: string = ENV) =>
  chain.append({
    type: 'writ.authority.halt-engaged.v1',
    id: `${id}.authority.0.shop.prod`,
    data: {
      environment: ENV,
      halt: id,
      scope,
      person: 'alice',
      cause: 'human',
      reason: { _sd: [] },
      heardAt: chain.now(),
    },
  });

/** Releases halts. */
export const release = (chain: TestChain, halts: readonly string[], scope: string = ENV) =>
  chain.append({
    type: 'writ.authority.halt-released.v1',
    id: `${chain.nextId()}.authority.0.shop.prod`,
    data: { environment: ENV, halts, scope, by: ['alice'], commands: [command(chain)] },
  });

/** An agent's acknowledgement of halts. */
export const acknowledge = (
  chain: TestChain,
  halts: readonly string[],
  agent: string = AGENT,
  heardAt = chain.now(),
) =>
  chain.append({
    type: 'writ.stop.acknowledged.v1',
    agent,
    data: {
      agent,
      halts,
      ack: chain.frame('ack', chain.keys['agent']!, `gov.ack.${agent}`, { note: 'test' }),
      state: 'aborted',
      aborted: 1,
      heardAt,
    },
  });

/** A flag, and what it does to the agent's containment. */
export const flag = (chain: TestChain, agent: string = AGENT) => {
  chain.append({
    type: 'writ.conduct.flagged.v1',
    agent,
    data: {
      agent,
      detector: 'rate',
      observed: 9,
      threshold: 5,
      windowSeconds: 60,
      history: 20,
      events: [],
      codes: ['rate'],
      at: chain.now(),
    },
  });
  chain.append({
    type: 'writ.conduct.containment-changed.v1',
    agent,
    data: { agent, from: 'none', to: 'gate', cause: 'flag', codes: ['rate'] },
  });
};

/** One action from intent to outcome. */
export const act = (chain: TestChain, ask: Ask = {}): Asked => {
  const asked = decide(chain, ask);
  report(chain, asked, issue(chain, asked));
  return asked;
};

/** A day in the life: every family, every table. */
export const day = (chain: TestChain): void => {
  found(chain);
  for (let n = 0; n < 5; n += 1) act(chain, { resource: `db:orders/${n}` });
  act(chain, { agent: OTHER, resource: 'index:products' });
  decide(chain, { verdict: 'denied', operation: 'drop', resource: 'db:orders' });
  const asked = decide(chain, { verdict: 'escalated', operation: 'delete' });
  openGate(chain, asked);
  vote(chain, asked, 'alice');
  halt(chain, 'halt-7');
  chain.append({
    type: 'writ.stop.unconfirmed.v1',
    data: { environment: ENV, halts: ['halt-7'], agents: [AGENT, OTHER] },
  });
  acknowledge(chain, ['halt-7']);
  gate(chain, asked, 'frozen', { halts: [`halt-7.authority.0.shop.prod`], remainingMs: 90_000 });
  chain.raw(`gov.ledger.decision.${ENV}`, Buffer.from('not a frame'));
  release(chain, ['halt-7']);
  gate(chain, asked, 'thawed', {
    releases: [`halt-7.authority.0.shop.prod`],
    deadline: '2026-03-01T12:00:00.000Z',
  });
  vote(chain, asked, 'bob');
  gate(chain, asked, 'granted', { by: ['alice', 'bob'], votes: [], until: '2026-03-01T12:30:00.000Z' });
  report(chain, asked, issue(chain, asked), 'failed');
  flag(chain);
  halt(chain, 'halt-8', AGENT);
};
