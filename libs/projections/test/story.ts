// What happens in a test ledger after its founding: decisions, gates, receipts, outcomes, halts.
import { AGENT, digest, ENV, ORG, OTHER, type TestChain } from './chain.js';
import { command, found } from './founding.js';

export { found, registry } from './founding.js';

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
