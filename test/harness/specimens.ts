// One valid document of every live kind, as its rightful sender makes it. Private text carries a mark that must turn up nowhere.
import { type LiveKind, type ServiceName, subjects } from '@writ/contracts';
import { commit, type Disclosure, disclose, sha256 } from '@writ/crypto';
import { uuidv7 } from '@writ/runtime';
import { ENV, OPS } from './shop.js';

/** Stands in everything that no log, answer or reason may repeat. */
export const MARK = 'vErYpRiVaTe';

export type Specimen = {
  readonly kind: LiveKind;
  readonly subject: string;
  /** Whose key signs, and whose inbox an answer may go to. */
  readonly sender: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly rest: readonly Disclosure[];
  /** The time inside; now when absent. */
  readonly time?: string;
};

const later = (ms = 60_000): string => new Date(Date.now() + ms).toISOString();
const DIGEST = sha256('digest');
const NONCE = 'AAAAAAAAAAAAAAAAAAAAAA';
const reason = { _sd: [] };

const intent = (): Specimen => {
  const args = commit({ note: MARK, rows: 3 });
  const why = commit({ goal: MARK });
  const data = {
    action: { tool: 'psql', operation: 'select', resource: 'db:shop/orders', args: args.committed },
    reasoning: { private: why.committed, model: MARK },
    evidence: [],
    reversal: { method: 'none', private: { _sd: [] } },
    deadline: later(),
    delegation: [],
  };
  const rest = [...args.disclosures, ...why.disclosures];
  return { kind: 'intent', subject: subjects.intent(OPS), sender: OPS, data, rest };
};

const preserve = (): Specimen => {
  const { disclosure, digest } = disclose('state', { text: MARK });
  const data = { agent: OPS, op: 'put', digest, bytes: disclosure.length, halts: [] };
  return {
    kind: 'preserve-request',
    subject: subjects.preserve(OPS),
    sender: OPS,
    data,
    rest: [disclosure],
  };
};

const outcome = (): Specimen => {
  const data = {
    intentId: uuidv7(),
    agent: OPS,
    receipt: `${uuidv7()}.authority.0`,
    as: 'executor',
    status: 'failed',
    startedAt: later(0),
    finishedAt: later(0),
    effects: [{ resource: MARK, operation: 'select', count: 1, amount: '1.5' }],
    result: { _sd: [] },
  };
  return { kind: 'outcome-report', subject: subjects.outcome(OPS), sender: OPS, data, rest: [] };
};

const vote = (): Specimen => {
  const digests = { intentDigest: DIGEST, boundaryDigest: DIGEST, obligedDigest: DIGEST };
  const data = { environment: ENV, intentId: uuidv7(), ...digests, choice: 'approve', nonce: NONCE, reason };
  return {
    kind: 'vote',
    subject: subjects.vote('acme', 'bob'),
    sender: 'bob',
    data: { ...data, expires: later() },
    rest: [],
  };
};

const command = (service: ServiceName, action: object) => (): Specimen => ({
  kind: 'command',
  subject: subjects.command(service, 'acme', 'bob'),
  sender: 'bob',
  data: { action, expires: later(), version: 3 },
  rest: [],
});

const asked = (kind: LiveKind, subject: string, data: () => Specimen['data']) => (): Specimen => ({
  kind,
  subject,
  sender: OPS,
  data: data(),
  rest: [],
});

/** By the name of the intake. */
export const specimens: Readonly<Record<string, () => Specimen>> = {
  intent,
  'receipt request': asked('receipt-request', subjects.receipt(OPS), () => ({
    intentId: uuidv7(),
    agent: OPS,
    argsDigest: DIGEST,
    expires: later(),
  })),
  'outcome report': outcome,
  'state request': asked('state-request', subjects.state(OPS), () => ({
    agent: OPS,
    nonce: NONCE,
    want: ['keys'],
  })),
  'preserve request': preserve,
  acknowledgement: asked('ack', subjects.ack(OPS), () => ({
    agent: OPS,
    halts: ['halt-1'],
    state: 'idle',
    aborted: 0,
    heardAt: later(0),
  })),
  vote,
  'registry command': command('registry', { do: 'create-project', project: 'fuzzed' }),
  'kill-switch command': command('kill-switch', { do: 'release', scope: ENV, halts: ['halt-1'], reason }),
  'anomaly-detector command': command('anomaly-detector', {
    do: 'set-containment',
    agent: OPS,
    level: 'watch',
    reason,
  }),
  'receipt-ledger command': command('receipt-ledger', {
    do: 'reconcile',
    environment: ENV,
    intentId: uuidv7(),
    status: 'failed',
    reason,
  }),
};
