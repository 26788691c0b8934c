// Whether a gate's positive result follows from people's own signed votes and the published gate. Pure; unknown counts as no.
import { environmentOf } from '@writ/contracts';
import {
  approversNow,
  type EscalatedDecision,
  findKey,
  type GateView,
  gateByDigest,
  gateFor,
  keyStandingAt,
  type PublishedGate,
  type ReceiptDecision,
  type ReceiptObjection,
  type RegistryState,
} from '@writ/domain';
import type { RecordedVote } from './votes.js';

/** How far the clocks of two machines of the plane may be apart, ms. */
const SKEW_MS = 1_000;
/** How long a vote that was in time may take to be recorded, ms. */
const RECORD_MS = 2_000;

/** `decidedAt` is the ledger's time of the decision; `lowRisk` comes from the verdict as derived again. */
export type GrantCase = {
  readonly registry: RegistryState;
  readonly decision: ReceiptDecision;
  readonly decidedAt: string;
  readonly gate: GateView;
  readonly votes: readonly RecordedVote[];
  readonly lowRisk: boolean;
  readonly now: string;
};

/** A case whose decision names its gate. */
type Escalated = GrantCase & { readonly named: EscalatedDecision['data']['gate'] };

const no = (reason: string): ReceiptObjection => ({ code: 'WRIT-RCP-010', reason });

/** The key was this person's to sign with when the vote was recorded, and nothing has taken that back since. */
const keyStands = ({ registry }: GrantCase, { kid, seq, said }: RecordedVote): boolean => {
  const key = findKey(registry, kid);
  if (key?.role !== 'person' || key.holder !== said.person) return false;
  if (key.retiredAt !== undefined && key.retiredAt < seq) return false;
  return keyStandingAt(key, seq) === 'valid';
};

/** The person's own words say what the event says, about exactly this decision. */
const bound = ({ decision }: GrantCase, { vote, said, time }: RecordedVote): boolean => {
  const { data } = decision;
  return (
    vote !== undefined &&
    vote.environment === environmentOf(data.agent) &&
    vote.intentId === data.intent.signed['id'] &&
    vote.intentId === said.intentId &&
    vote.intentDigest === data.intentDigest &&
    vote.intentDigest === said.intentDigest &&
    vote.boundaryDigest === data.boundary?.digest &&
    vote.obligedDigest === data.obligedDigest &&
    vote.choice === said.choice &&
    Date.parse(time) <= Date.parse(vote.expires) + RECORD_MS + SKEW_MS
  );
};

/** The first vote of each person who may approve at this gate now, where the key still stands. */
const countedVotes = (of: GrantCase, { gate }: PublishedGate): readonly RecordedVote[] => {
  const people = approversNow(of.registry, gate, of.decision.data.agent);
  const first = new Map<string, RecordedVote>();
  for (const vote of of.votes) if (!first.has(vote.said.person)) first.set(vote.said.person, vote);
  return [...first.values()].filter(
    (vote) =>
      keyStands(of, vote) &&
      people.includes(vote.said.person) &&
      of.gate.approvers.includes(vote.said.person),
  );
};

const quorumMissing = (of: GrantCase, published: PublishedGate): string | undefined => {
  const { quorum, grantSeconds } = published.gate.spec;
  const counted = countedVotes(of, published);
  const approvals = counted.filter((vote) => vote.said.choice === 'approve');
  if (approvals.length < quorum)
    return `${approvals.length} of ${quorum} approvals of people who may approve now`;
  if (quorum === 1 && counted.some((vote) => vote.said.choice === 'reject')) return 'a recorded vote rejects';
  const last = Math.max(...approvals.map((vote) => Date.parse(vote.time)));
  return Date.parse(of.gate.until ?? '') <= last + grantSeconds * 1000 + SKEW_MS
    ? undefined
    : 'the grant is longer than its gate allows';
};

const fallbackMissing = (of: GrantCase, { gate }: PublishedGate): string | undefined => {
  const { fallback, deadlineSeconds } = gate.spec;
  if (fallback !== 'allow' || !of.lowRisk) return 'the fallback of this gate does not allow this action';
  const due = Date.parse(of.decidedAt) + deadlineSeconds * 1000;
  return Date.parse(of.now) + SKEW_MS >= due ? undefined : 'the deadline of the gate has not passed';
};

/** The gate as the decision names it, and the one of that name in force now: a result must hold under both. */
const publishedGates = ({ registry, decision, gate, named }: Escalated): readonly PublishedGate[] => {
  const published = gateByDigest(registry, named.digest);
  const inForce = gateFor(registry, named.name, decision.data.agent);
  const same = gate.gate.digest === named.digest && gate.agent === decision.data.agent;
  if (published?.name !== named.name || inForce === undefined || !same) return [];
  return inForce.digest === published.digest ? [published] : [published, inForce];
};

const missingFor = (of: GrantCase) => {
  if (of.gate.via === 'approval') return quorumMissing;
  return of.gate.via === 'timeout-fallback' ? fallbackMissing : () => 'such a result is not verified here';
};

/**
 * Why a gate's result lets nothing through, or `undefined` where it does, or lets nothing through by itself. Nothing that the
 * approval service says is believed: each vote is the person's own, on this action, by a key that stands; the person may
 * approve now; the quorum and the fallback are those of the published gate. A result of any other kind is not believed.
 */
export const grantObjection = (of: GrantCase): ReceiptObjection | undefined => {
  const { data } = of.decision;
  if (of.gate.status !== 'granted' && of.gate.status !== 'timed-out-allow') return undefined;
  if (!('gate' in data)) return no('the decision names no gate');
  const honest = (vote: RecordedVote) => vote.signed === true && bound(of, vote);
  if (!of.votes.every(honest)) return no('a recorded vote does not verify');
  const gates = publishedGates({ ...of, named: data.gate });
  if (gates.length === 0) return no('the gate is not the published one');
  const missing = gates.map((gate) => missingFor(of)(of, gate)).find((reason) => reason !== undefined);
  return missing === undefined ? undefined : no(missing);
};
