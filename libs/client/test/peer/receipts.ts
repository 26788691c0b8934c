// The receipt ledger of the sample plane: one receipt per intent, the same again when asked again, and outcomes.
import type { Msg } from '@nats-io/transport-node';
import { LEDGER_PAYLOAD_TYPE, subjects } from '@writ/contracts';
import { committedDigest, joinFrames } from '@writ/crypto';
import { type Asked, type Decided, type Desk, read, refusal, serve } from './desk.js';
import { digestOfFrame, ENV, embedded, event, iso, type Json } from './organisation.js';

const NOTHING = committedDigest({ _sd: [] });

/** Starts answering receipt requests and outcome reports. */
export const serveReceipts = (desk: Desk): void => {
  const issued = new Map<string, Uint8Array>();
  serve(desk, 'gov.receipt.>', (message) => issue(desk, issued, message));
  serve(desk, 'gov.outcome.>', (message) => recordOutcome(desk, message));
};

const issue = (desk: Desk, issued: Map<string, Uint8Array>, message: Msg): Uint8Array | undefined => {
  const { seen, will, decisions, halts } = desk;
  seen.receipts++;
  const asked = read(message.data);
  const intentId = asked.data['intentId'] as string;
  const decision = decisions.get(intentId);
  const no = (code: string) => refusal(desk, message.subject, asked.id, code);
  if (decision === undefined) return no('WRIT-RCP-001');
  if (halts.size > 0) return no('WRIT-RCP-006');
  if (escalated(decision) && will.approval === 'pending') return no('WRIT-RCP-009');
  if (escalated(decision) && will.approval === 'rejected') return no('WRIT-RCP-010');
  const asker = message.subject.slice('gov.receipt.'.length);
  const receipt = issued.get(intentId) ?? sign(desk, intentId, receiptData(desk, asker, asked, decision));
  issued.set(intentId, receipt);
  if (will.dropReceipts-- > 0) return undefined;
  return joinFrames([receipt, decision.frame]);
};

const escalated = (decision: Decided): boolean => decision.type.includes('escalated');

const sign = ({ will, org }: Desk, intentId: string, data: Json): Uint8Array =>
  event(
    will.receiptKey ?? org.keys['receipt-ledger'],
    'writ.authority.receipt-issued.v1',
    subjects.ledger('authority', ENV),
    'receipt-ledger',
    will.forgeReceipt(data),
    { id: `${intentId}.authority.1` },
  );

const receiptData = ({ will, org }: Desk, asker: string, { data, frame }: Asked, decision: Decided): Json => {
  const { action } = (decision.data['intent'] as { signed: { data: { action: Json } } }).signed.data;
  const intentId = data['intentId'];
  const key = will.decisionKey ?? org.keys.decision;
  const people = { id: `${intentId}.approval.1`, digest: NOTHING, people: ['ann'] };
  return {
    agent: data['agent'],
    intentId,
    intentDigest: decision.data['intentDigest'],
    audience: { name: asker, kid: (embedded(frame) as { kid: string }).kid },
    request: embedded(frame),
    who: {
      via: escalated(decision) ? 'approval' : 'policy',
      decision: {
        id: `${intentId}.decision.1`,
        digest: digestOfFrame(decision.frame, LEDGER_PAYLOAD_TYPE, key),
      },
      approval: escalated(decision) ? people : null,
    },
    what: {
      ...{ tool: action['tool'], operation: action['operation'], resource: action['resource'] },
      ...{ argsDigest: data['argsDigest'], obligations: decision.data['obligations'] },
    },
    when: { issued: iso(), expires: iso(Date.now() + 30_000) },
    why: {
      ...{ boundary: { name: 'refunds', digest: NOTHING }, currentBoundaryDigest: NOTHING },
      ...{ rule: 'a-rule', codes: ['rule-permits'] },
    },
  };
};

const recordOutcome = (desk: Desk, message: Msg): Uint8Array => {
  const { data, frame } = read(message.data);
  desk.seen.outcomes.push(data);
  const name = message.subject.slice('gov.outcome.'.length);
  const who = { name, kid: (embedded(frame) as { kid: string }).kid };
  const verifier = data['as'] === 'verifier';
  const about = { agent: data['agent'], intentId: data['intentId'], receipt: data['receipt'] };
  const rest = verifier ? { verifiedBy: who } : { reportedBy: who, result: data['result'], late: false };
  const body = { ...about, report: embedded(frame), effects: data['effects'], ...rest };
  const type = `writ.outcome.${verifier ? 'verified' : (data['status'] as string)}.v1`;
  return event(
    desk.org.keys['receipt-ledger'],
    type,
    subjects.ledger('outcome', ENV),
    'receipt-ledger',
    body,
  );
};
