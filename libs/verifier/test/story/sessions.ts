// Actions of an agent whose identity key signs nothing but the certificate of a session key.
import { type Intent, type LiveDocumentOf, sessionSubject, subjects } from '@writ/contracts';
import { generateKeyPair, type KeyPair } from '@writ/crypto';
import { type Draft, type Recorded, receiptOf } from '@writ/domain';
import {
  type Ask,
  type Decided,
  decisionDraft,
  decisionOf,
  intend,
  nothing,
  receiptDrafts,
  type Sent,
} from './actions.js';
import { altered, outcomeDraft } from './forging.js';
import { AGENT, iso, type Live, POINT, type TestLedger } from './ledger.js';

/** A session key with its certificate. `from`, `to`: seconds from now. */
export type TestSession = {
  readonly agent: string;
  readonly key: KeyPair;
  readonly certificate: Live<'session-key'>;
};

export type SessionOptions = {
  readonly agent?: string;
  readonly identity?: KeyPair;
  readonly key?: KeyPair;
  readonly from?: number;
  readonly to?: number;
};

/** Certifies a session key, an honest one unless asked otherwise. */
export const sessionIn = (ledger: TestLedger, options: SessionOptions = {}): TestSession => {
  const { agent = AGENT, key = generateKeyPair(), from = -60, to = 3600 } = options;
  const identity = options.identity ?? ledger.keyOf(agent);
  const id = ledger.nextId();
  const subject = sessionSubject(agent);
  const role = agent === POINT ? 'enforcement-point' : 'agent';
  const facts = { x: key.x, role, holder: agent, scope: agent };
  const possession = ledger.live('key-possession', key, subject, facts, id).frame;
  const window = {
    notBefore: iso(ledger.ms() + from * 1000),
    notAfter: iso(ledger.ms() + to * 1000),
  };
  const data = { session: { kid: key.kid, x: key.x }, agent, ...window, possession };
  return { agent, key, certificate: ledger.live('session-key', identity, subject, data, id) };
};

/** A draft with the certificate in it. */
export const vouched = (draft: Draft, { certificate }: TestSession): Draft =>
  altered(draft, () => ({ session: certificate.frame }));

/** An intent that the session key signed. */
export const intendBy = (ledger: TestLedger, by: TestSession, ask: Ask = {}): Sent => {
  const { document, disclosures, agent } = intend(ledger, { agent: by.agent, ...ask });
  const signed = ledger.live('intent', by.key, subjects.intent(agent), document.data as Intent['data']);
  return { ...signed, disclosures, agent };
};

/** Has it decided; `write` changes the draft first. */
export const decideBy = (
  ledger: TestLedger,
  by: TestSession,
  ask: Ask = {},
  change: (draft: Draft) => Draft = (draft) => vouched(draft, by),
): Decided => {
  const sent = intendBy(ledger, by, ask);
  return { ...sent, decision: ledger.write(change(decisionDraft(ledger, sent))) };
};

/** Asks for the receipt of a decided intent under a session key of the agent, or of an enforcement point. */
export const issueBy = (ledger: TestLedger, asked: Decided, by: TestSession): Recorded => {
  const signed = ledger.live('receipt-request', by.key, subjects.receipt(by.agent), {
    ...{ intentId: asked.document.id, agent: asked.agent },
    ...{ argsDigest: decisionOf(asked).data.obligedDigest, expires: iso(ledger.ms() + 30_000) },
  });
  const identity = ledger.keyOf(by.agent);
  const [draft] = receiptDrafts(ledger, asked, { ...signed, key: identity }, by.agent);
  return ledger.write(vouched(draft!, by));
};

/** Reports the outcome under the agent's session key. */
export const reportBy = (ledger: TestLedger, asked: Decided, by: TestSession): Recorded => {
  const receipt = receiptOf(ledger.states.authority, asked.document.id)!;
  const draft = outcomeDraft(ledger, asked);
  const said = (
    draft.data as unknown as { readonly report: { readonly signed: LiveDocumentOf<'outcome-report'> } }
  ).report.signed;
  const data = { ...said.data, receipt: receipt.eventId, result: nothing };
  const { frame, document } = ledger.live('outcome-report', by.key, subjects.outcome(by.agent), data);
  const id = `${document.id}.outcome.0`;
  return ledger.write({
    ...vouched(
      altered(draft, () => ({ report: frame })),
      by,
    ),
    id,
  });
};

/** One action under a session key, from intent to outcome. */
export const actBy = (ledger: TestLedger, by: TestSession, ask: Ask = {}): Decided => {
  const asked = decideBy(ledger, by, ask);
  issueBy(ledger, asked, by);
  reportBy(ledger, asked, by);
  return asked;
};
