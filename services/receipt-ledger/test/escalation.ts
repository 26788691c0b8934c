// One escalated drop that two people granted, with the registry beneath it: every part can be replaced. Nothing is signed here.
import type { ApprovalGate, Intent, PermissionBoundary } from '@writ/contracts';
import { committedDigest, disclose } from '@writ/crypto';
import {
  type GateView,
  type ReceiptDecision,
  type RegistryState,
  rederiveVerdict,
  registryInitial,
} from '@writ/domain';
import { boundary as boundaryOf, gate as gateOf } from '../../../test/harness/documents.js';
import type { KnownDecision } from '../src/decisions.js';
import type { GrantCase } from '../src/grants.js';
import type { RecordedVote } from '../src/votes.js';

export const ENV = 'acme.shop.prod';
export const AGENT = `${ENV}.clerk`;
export const INTENT = '01900000-0000-7000-8000-000000000001';
/** Where in the ledger the decision stands, and when. */
export const DECIDED = { seq: 100, time: '2026-01-01T00:00:01.000Z' } as const;

const clearArg = disclose('rows', 3);
export const ARGS = { _sd: [clearArg.digest] };
export const DISCLOSED = clearArg.disclosure;
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
export const kidOf = (holder: string): string => `kid-of-${holder}`;

export const BOUNDARY: PermissionBoundary = boundaryOf('clerks', ENV);

export const intent = {
  ...{ type: 'writ.intent.v1', id: INTENT, kid: kidOf(AGENT), subject: `gov.intent.${AGENT}`, time: at(0) },
  data: {
    action: { tool: 'sql', operation: 'drop', resource: 'db:shop/orders', args: ARGS },
    ...{ reasoning: { private: { _sd: [] } }, evidence: [], delegation: [], deadline: at(3600) },
    reversal: { method: 'none', private: { _sd: [] } },
  },
} as unknown as Intent;

const inputs = {
  ...{ now: at(1), agentStatus: 'active', containment: 'none', autonomy: 'autonomous', halted: false },
  counters: {},
};

const unjudged = {
  ...{ agent: AGENT, intent: { kid: intent.kid, sig: '', signed: intent }, intentDigest: 'intent' },
  ...{ disclosed: [DISCLOSED], inputs, codes: [], registryVer: 1, expires: at(900) },
  boundary: { name: 'clerks', digest: 'boundary', event: 'e', level: 3 },
  obligedDigest: committedDigest(ARGS),
  gate: { name: 'people', digest: 'gate' },
} as unknown as ReceiptDecision['data'];

const { rule, codes, obligations, reversibility, blastRadius, lowRisk } = rederiveVerdict(
  unjudged,
  intent,
  BOUNDARY,
);
const judged = {
  ...unjudged,
  ...{ rule, codes: [...codes], obligations: [...obligations], reversibility, blastRadius, lowRisk },
} as ReceiptDecision['data'];

export const decision: ReceiptDecision = {
  ...{ id: `${INTENT}.decision.0`, digest: 'decision', correlationid: INTENT, effect: 'gate' },
  ...{ data: judged, intent: intent.data },
};

export const known: KnownDecision = {
  ...{ decision, intent, type: 'writ.decision.escalated.v1', ...DECIDED },
  ...{ bytes: Buffer.from('decision'), verified: Promise.resolve(true) },
};

type Person = { readonly person: string; readonly approver: boolean };
export const PEOPLE: readonly Person[] = ['ada', 'ben', 'cyn', 'own'].map((person) => ({
  person,
  approver: true,
}));

const published = (digest: string, spec: Partial<ApprovalGate['spec']>) => {
  const gate = gateOf('people', { quorum: 2, excludeOwner: true, ...spec });
  return { name: 'people', scope: 'acme', digest, event: 'g', gate, publishedAt: 5, ver: 5 };
};

const keyOf = (holder: string, role: 'agent' | 'person') =>
  ({ kid: kidOf(holder), x: '', role, holder, scope: 'acme', certifiedAt: 3 }) as const;

/** The registry; `gate` changes what the gate of the decision says, `inForce` adds a later one of that name. */
export const registry = (
  change: {
    readonly people?: readonly Person[];
    readonly gate?: Partial<ApprovalGate['spec']>;
    readonly inForce?: Partial<ApprovalGate['spec']>;
    readonly owner?: string;
  } = {},
): RegistryState => {
  const { people = PEOPLE, owner = 'own' } = change;
  const gate = published('gate', change.gate ?? {});
  const later = change.inForce === undefined ? gate : published('gate-later', change.inForce);
  const clerks = { name: 'clerks', scope: ENV, digest: 'boundary', event: 'e', boundary: BOUNDARY };
  const inForce = { ...clerks, publishedAt: 5, ver: 5 };
  let state: RegistryState = {
    ...registryInitial,
    org: 'acme',
    ver: 9,
    environments: registryInitial.environments.set(ENV, { scope: ENV, event: 'env', seq: 2 }),
    agents: registryInitial.agents.set(AGENT, { agent: AGENT, owner, kid: kidOf(AGENT), status: 'active' }),
    keys: registryInitial.keys.set(kidOf(AGENT), keyOf(AGENT, 'agent')),
    gates: registryInitial.gates.set('acme/people', later),
    gatesByDigest: registryInitial.gatesByDigest.set('gate', gate).set(later.digest, later),
    boundaries: registryInitial.boundaries.set(ENV, inForce),
    boundariesByDigest: registryInitial.boundariesByDigest.set('boundary', inForce),
  };
  for (const { person, approver } of people) {
    const grants = approver ? [{ role: 'approver' as const, scope: 'acme' }] : [];
    const record = { person, grants, kid: kidOf(person), status: 'active' as const };
    state = {
      ...state,
      people: state.people.set(person, record),
      keys: state.keys.set(kidOf(person), keyOf(person, 'person')),
    };
  }
  return state;
};

/** A vote as a person signed it and as it was recorded; `own` changes the signed words, `more` the record. */
export const vote = (
  person: string,
  { own = {}, more = {} }: { own?: object; more?: Partial<RecordedVote> } = {},
): RecordedVote => {
  const said = { intentId: INTENT, intentDigest: 'intent', person, choice: 'approve' as const };
  const bound = { boundaryDigest: 'boundary', obligedDigest: judged.obligedDigest, expires: at(600) };
  const { person: _, ...mine } = said;
  return {
    ...{ seq: 110, time: at(10), kid: kidOf(person), said, signed: true },
    vote: { ...mine, ...bound, environment: ENV, nonce: '', reason: { _sd: [] }, ...own },
    ...more,
  } as RecordedVote;
};

export const gateView = (more: Partial<GateView> = {}): GateView => ({
  ...{ status: 'granted', via: 'approval', until: at(310), people: ['ada', 'ben'], deadline: at(601) },
  ...{ intentId: INTENT, agent: AGENT, intentDigest: 'intent', boundaryDigest: 'boundary' },
  obligedDigest: judged.obligedDigest,
  decision: { id: decision.id, digest: decision.digest },
  gate: { name: 'people', digest: 'gate' },
  opened: { id: `${INTENT}.approval.0`, digest: 'opened' },
  decisive: { id: `${INTENT}.approval.1`, digest: 'granted' },
  ...{ quorum: 2, approvers: ['ada', 'ben', 'cyn'], votes: [] },
  ...more,
});

/** The grant as it should be: two people who may, on this action, in time. */
export const grant = (more: Partial<GrantCase> = {}): GrantCase => ({
  ...{ registry: registry(), decision, decidedAt: DECIDED.time, gate: gateView(), lowRisk: false },
  ...{ votes: [vote('ada'), vote('ben')], now: at(20) },
  ...more,
});
