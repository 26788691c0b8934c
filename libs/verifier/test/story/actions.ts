// What an agent does in a test ledger, from intent to outcome, each step by its real decider.
import { type Intent, type JsonValue, oblige, subjects } from '@writ/contracts';
import {
  commit,
  committedDigest,
  type Disclosure,
  obligeCommitted,
  readDisclosure,
  reveal,
} from '@writ/crypto';
import {
  autonomyOf,
  boundaryByDigest,
  boundaryFor,
  containmentOf,
  type Decision,
  type Draft,
  decideIntent,
  decideReceipt,
  decideReport,
  disclosedFields,
  effectOf,
  gateFor,
  gateOf,
  haltsCovering,
  isDecision,
  type Recorded,
  receiptOf,
  rederiveUnder,
  rederiveVerdict,
} from '@writ/domain';
import { AGENT, iso, type Live, POINT, type TestLedger, type Writing } from './ledger.js';

export type Ask = {
  readonly agent?: string;
  readonly operation?: string;
  readonly resource?: string;
  readonly args?: Readonly<Record<string, JsonValue>>;
  readonly deadline?: number;
};

/** An intent with everything that was sent along. */
export type Sent = Live<'intent'> & {
  readonly agent: string;
  readonly disclosures: readonly Disclosure[];
};

/** A decided intent. */
export type Decided = Sent & { readonly decision: Recorded };

/** A commitment to nothing. */
export const nothing = { _sd: [] };

/** Signs an intent: a refund of 1,200 unless asked otherwise. */
export const intend = (ledger: TestLedger, ask: Ask = {}): Sent => {
  const { agent = AGENT, operation = 'create', resource = 'psp:refunds' } = ask;
  const { committed, disclosures } = commit(ask.args ?? { amount: 1200, order: 'o-17', note: 'a secret' });
  const data: Intent['data'] = {
    action: { tool: 'payments', operation, resource, args: committed },
    reasoning: { private: nothing },
    evidence: [],
    reversal: { method: 'none', private: nothing },
    deadline: iso(ledger.ms() + (ask.deadline ?? 900) * 1000),
    delegation: [],
  };
  const signed = ledger.live('intent', ledger.keyOf(agent), subjects.intent(agent), data);
  return { ...signed, agent, disclosures };
};

/** The drafts of a decision that must write some. */
export const only = <R>({ result, events }: Decision<R>): readonly Draft[] => {
  if (events.length === 0) throw new Error(JSON.stringify(result));
  return events;
};

/** What the decision service would record of an intent now. */
export const decisionDraft = ({ states, now }: TestLedger, sent: Sent): Draft => {
  const { agent, disclosures, document: intent, frame, digest } = sent;
  const fields = disclosedFields(boundaryFor(states.registry, agent)!.boundary);
  const open = disclosures.filter((d) => {
    const read = readDisclosure(d);
    return read.ok && fields.includes(read.name);
  });
  const { args } = intent.data.action;
  const values = reveal(args, disclosures);
  if (!values.ok) throw new Error(values.reason);
  const decision = decideIntent(
    {
      ...{ intent, frame, digest, disclosed: open, now: now(), registry: states.registry },
      conduct: {
        containment: (a) => containmentOf(states.conduct, a),
        autonomy: (a, fallback) => autonomyOf(states.conduct, a, fallback),
      },
      halted: (a, action) => haltsCovering(states.authority, a, action).length > 0,
      obligedDigest: (obligations) => {
        const obliged = oblige(values.values, obligations);
        if (obliged.kind === 'refused' || obligations.length === 0) return committedDigest(args);
        return committedDigest(obligeCommitted(args, disclosures, obliged.args).committed);
      },
    },
    states.decision,
  );
  return only(decision)[0]!;
};

/** Sends an intent and has it decided. */
export const decide = (ledger: TestLedger, ask: Ask = {}, writing?: Writing): Decided => {
  const sent = intend(ledger, ask);
  return { ...sent, decision: ledger.write(decisionDraft(ledger, sent), writing) };
};

/** A decision as the receipt-ledger sees it. */
export const decisionOf = ({ decision, document: intent }: Decided) => {
  const { document, digest } = decision;
  if (!isDecision(document)) throw new Error('not a decision');
  const { id, correlationid, data } = document;
  return { id, digest, correlationid, effect: effectOf(document), data, intent: intent.data };
};

/** The signed request for a receipt. */
export const request = (ledger: TestLedger, asked: Decided, by = asked.agent, argsDigest?: string) => {
  const { data } = decisionOf(asked);
  return ledger.live('receipt-request', ledger.keyOf(by), subjects.receipt(by), {
    intentId: asked.document.id,
    agent: asked.agent,
    argsDigest: argsDigest ?? data.obligedDigest,
    expires: iso(ledger.ms() + 30_000),
  });
};

/** What the receipt-ledger would record of a request now. */
export const receiptDrafts = (
  { states, now }: TestLedger,
  asked: Decided,
  signed: Live<'receipt-request'>,
  by = asked.agent,
): readonly Draft[] => {
  const decision = decisionOf(asked);
  const { agent } = asked;
  const named = boundaryByDigest(states.registry, decision.data.boundary!.digest)!;
  const current = boundaryFor(states.registry, agent)!;
  const gateKnown = (name: string) => gateFor(states.registry, name, agent) !== undefined;
  const decided = decideReceipt(
    {
      request: signed.document,
      frame: signed.frame,
      asker: { name: by, kid: signed.key.kid, role: by === POINT ? 'enforcement-point' : 'agent' },
      now: now(),
      decision,
      gate: gateOf(states.approval, asked.document.id),
      verdictNow: rederiveVerdict(decision.data, asked.document, named.boundary),
      verdictCurrent: {
        effect: rederiveUnder(decision.data, asked.document, current.boundary, gateKnown).effect,
        boundaryDigest: current.digest,
      },
      ...{ leaseFresh: true, viewFresh: true, idempotencyUnknown: false },
      receiptSeconds: current.boundary.spec.receiptSeconds,
      objection: undefined,
    },
    states.authority,
  );
  return only(decided);
};

/** Asks for a receipt and has it issued. */
export const issue = (ledger: TestLedger, asked: Decided, by = asked.agent): Recorded => {
  const [draft] = receiptDrafts(ledger, asked, request(ledger, asked, by), by);
  return ledger.write(draft!);
};

/** Reports an outcome as executor or verifier. */
export const report = (
  ledger: TestLedger,
  asked: Decided,
  by = asked.agent,
  as: 'executor' | 'verifier' = 'executor',
): Recorded => {
  const receipt = receiptOf(ledger.states.authority, asked.document.id)!;
  const signed = ledger.live('outcome-report', ledger.keyOf(by), subjects.outcome(by), {
    ...{ intentId: asked.document.id, agent: asked.agent, receipt: receipt.eventId, as },
    ...{ status: 'succeeded', startedAt: ledger.now(), finishedAt: ledger.now() },
    ...{ effects: [{ resource: 'psp:refunds', operation: 'create', count: 1 }], result: nothing },
  });
  const asker = { name: by, kid: signed.key.kid };
  const input = { report: signed.document, frame: signed.frame, asker, receipt, now: ledger.now() };
  return ledger.write(only(decideReport(input, ledger.states.outcome))[0]!);
};

/** One action from intent to outcome. */
export const act = (ledger: TestLedger, ask: Ask = {}): Decided => {
  const asked = decide(ledger, ask);
  issue(ledger, asked);
  report(ledger, asked);
  return asked;
};
