// A request for a receipt on a permitted or granted delete, each part of which a spec can change.
import type { IntentData, ReceiptRequest } from '@writ/contracts';
import {
  authorityInitial,
  decideOpenEnvironment,
  decideReceipt,
  evolveAuthority,
  haltDraft,
  type ReceiptGate,
  type ReceiptInput,
} from '../src/authority/index.js';
import {
  AGENT,
  at,
  digest,
  ENV,
  escalated,
  following,
  frameOf,
  intentData,
  live,
  nothing,
  PROXY,
  uuid,
} from './recording.js';

export const INTENT = uuid(1);
export const BOUNDARY = digest('boundary');
export const decisionRef = { id: `${INTENT}.decision.0`, digest: digest('decision') };
export const self = { name: AGENT, kid: digest('agent-key'), role: 'agent' as const };
export const proxy = { name: PROXY, kid: digest('proxy-key'), role: 'enforcement-point' as const };

export const decision = (effect: 'permit' | 'deny' | 'gate', intent: IntentData = intentData()) => {
  const { gate: _, lowRisk: __, ...data } = escalated(1);
  return { ...decisionRef, correlationid: INTENT, effect, data, intent };
};

export const asking = (
  n: number,
  more: Partial<ReceiptRequest['data']> = {},
): Pick<ReceiptInput, 'request' | 'frame'> => {
  const data = {
    intentId: INTENT,
    agent: AGENT,
    argsDigest: digest('obliged1'),
    expires: at(60_000),
    ...more,
  };
  const request = live('receipt-request', uuid(n), data) as ReceiptRequest;
  return { request, frame: frameOf(request) };
};

export const permitted = (more: Partial<ReceiptInput> = {}): ReceiptInput => ({
  ...asking(50),
  asker: self,
  now: at(1000),
  decision: decision('permit'),
  gate: undefined,
  verdictNow: { effect: 'permit' },
  verdictCurrent: { effect: 'permit', boundaryDigest: BOUNDARY },
  leaseFresh: true,
  viewFresh: true,
  idempotencyUnknown: false,
  receiptSeconds: 60,
  objection: undefined,
  ...more,
});

export const gateView = (more: Partial<ReceiptGate> = {}): ReceiptGate => ({
  ...{ status: 'granted', via: 'approval', until: at(300_000), people: ['ada', 'ben'] },
  decisive: { id: `${uuid(9)}.approval.1`, digest: digest('granted') },
  decision: decisionRef,
  ...{ intentDigest: digest('intent1'), boundaryDigest: BOUNDARY, obligedDigest: digest('obliged1') },
  ...more,
});

export const gated = (more: Partial<ReceiptInput> = {}) =>
  permitted({
    decision: decision('gate'),
    gate: gateView(),
    verdictNow: { effect: 'gate' },
    verdictCurrent: { effect: 'gate', boundaryDigest: BOUNDARY },
    ...more,
  });

export const environment = () => {
  const ledger = following(authorityInitial, evolveAuthority);
  const registryEvent = { id: `${uuid(3)}.registry.0`, correlationid: uuid(3) };
  ledger.tell(
    decideOpenEnvironment({ environment: ENV, registryEvent, haltsInForce: [] }, ledger.state).events,
  );
  return ledger;
};

export const haltOver = (scope: string, tool?: { resource: string; operation: string }) => {
  const told = { person: 'oncall', cause: 'human', reason: nothing, heardAt: at(0) } as const;
  return haltDraft({ haltId: 'halt-1', environment: ENV, scope, tool, ...told });
};

export const ask = (input: ReceiptInput, ledger = environment()) => decideReceipt(input, ledger.state);
