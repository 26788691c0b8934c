// Decides a vote (invariant 5): distinct eligible people, bound to the exact action, one decisive result.
import type { CommandId, Digest, EventId, Frame, Refused, Timestamp, Token, Vote } from '@writ/contracts';
import { decided, draftOf, refusal } from '../draft.js';
import { earliest, plusSeconds } from '../instant.js';
import type { Decision, Draft } from '../recorded.js';
import { type ApprovalState, type CastVote, eligible, type Gate } from './approval.state.js';

/**
 * `vote` is the verified document, `frame` its frame, `digest` its digest, `person` the holder of the key that signed it.
 * `approversNow`: who may approve as the registry stands now; who lost the right since the gate opened neither votes nor counts.
 * `notAfter`: the intent's own deadline, where the caller knows it; no grant outlives it.
 */
export type VoteInput = {
  readonly vote: Vote;
  readonly frame: Frame;
  readonly digest: Digest;
  readonly person: Token;
  readonly approversNow: readonly Token[];
  readonly now: Timestamp;
  readonly notAfter?: Timestamp;
};

/** `status` is where the gate stands after this vote. `known`: this very vote is recorded already. */
export type VoteResult = {
  readonly kind: 'voted' | 'known';
  readonly eventId: EventId;
  readonly intentId: CommandId;
  readonly status: 'open' | 'granted' | 'rejected' | 'timed-out-deny' | 'timed-out-allow' | 'frozen';
};

const standing = (gate: Gate, now: Timestamp): Decision<Refused> | undefined => {
  if (gate.result !== undefined) return refusal('WRIT-APR-004', `the gate is ${gate.result.status}`);
  if (gate.frozen !== undefined) return refusal('WRIT-APR-007', 'a halt covers the gated action');
  if (gate.deadline <= now) return refusal('WRIT-APR-005', `the deadline was ${gate.deadline}`);
  return undefined;
};

/** Eligible when the gate was opened, and still. */
const entitled = (gate: Gate, { approversNow }: Pick<VoteInput, 'approversNow'>): readonly Token[] =>
  eligible(gate).filter((person) => approversNow.includes(person));

const allowed = (gate: Gate, input: VoteInput): Decision<Refused> | undefined => {
  const { vote, person } = input;
  if (!entitled(gate, input).includes(person)) {
    return refusal('WRIT-APR-002', 'you are not among the approvers of this gate, or you are excluded');
  }
  if (gate.votes.has(person)) return refusal('WRIT-APR-003', 'your vote at this gate is recorded');
  const { intentDigest, boundaryDigest, obligedDigest } = vote.data;
  const bound =
    intentDigest === gate.intentDigest &&
    boundaryDigest === gate.boundaryDigest &&
    obligedDigest === gate.obligedDigest;
  return bound ? undefined : refusal('WRIT-APR-006', 'the digests are not those of the gated action');
};

type Tally = { readonly result?: 'granted' | 'rejected'; readonly code: string };

/**
 * Granted when the quorum approves. Rejected by the first reject where one approval would do, else as soon as the quorum can
 * no longer be reached.
 */
const tally = (gate: Gate, entitledPeople: number, votes: readonly CastVote[]): Tally => {
  const count = (choice: CastVote['choice']) => votes.filter((v) => v.choice === choice).length;
  if (count('approve') >= gate.quorum) return { result: 'granted', code: 'quorum-reached' };
  const possible = count('approve') + entitledPeople - votes.length;
  const rejects = count('reject');
  if (possible < gate.quorum)
    return { result: 'rejected', code: rejects > 0 ? 'rejected' : 'quorum-unreachable' };
  if (gate.quorum === 1 && rejects > 0) return { result: 'rejected', code: 'rejected' };
  return { code: 'open' };
};

const resultDraft = (input: VoteInput, gate: Gate, votes: readonly CastVote[], end: Tally): Draft[] => {
  if (end.result === undefined) return [];
  const { agent, intentId, intentDigest, correlationid } = gate;
  const choice = end.result === 'granted' ? 'approve' : 'reject';
  const counted = votes.filter((v) => v.choice === choice).slice(0, 64);
  const common = {
    ...{ agent, intentId, intentDigest },
    by: counted.map((v) => v.person),
    votes: counted.map((v) => v.event),
  };
  const causes = {
    id: `${input.vote.id}.approval.1`,
    agent,
    causationid: `${input.vote.id}.approval.0`,
    correlationid,
  };
  if (end.result === 'rejected') {
    return [draftOf('writ.approval.rejected.v1', causes, { ...common, codes: [end.code] })];
  }
  const until = earliest(plusSeconds(input.now, gate.grantSeconds), input.notAfter);
  return [draftOf('writ.approval.granted.v1', causes, { ...common, until })];
};

const cast = (input: VoteInput, gate: Gate): Decision<VoteResult> => {
  const { vote, frame, digest, person } = input;
  const { agent, intentId, intentDigest, correlationid } = gate;
  const id = `${vote.id}.approval.0`;
  const { choice } = vote.data;
  const voted = draftOf(
    'writ.approval.voted.v1',
    { id, agent, causationid: vote.id, correlationid },
    { agent, intentId, intentDigest, person, choice, vote: frame, voteDigest: digest },
  );
  const people = entitled(gate, input);
  const all = [...gate.votes.values(), { person, choice, event: id, digest }];
  const votes = all.filter((v) => people.includes(v.person));
  const end = tally(gate, people.length, votes);
  const result = { kind: 'voted', eventId: id, intentId, status: end.result ?? 'open' } as const;
  return decided(result, voted, ...resultDraft(input, gate, votes, end));
};

const recorded = (gate: Gate, { digest, person }: VoteInput): Decision<VoteResult> | undefined => {
  const earlier = gate.votes.get(person);
  if (earlier === undefined || earlier.digest !== digest) return undefined;
  const status = gate.result?.status ?? (gate.frozen === undefined ? 'open' : 'frozen');
  return decided({ kind: 'known', eventId: earlier.event, intentId: gate.intentId, status });
};

/**
 * Decides one vote. With the quorum `voted` and `granted` are written together, with the decisive reject `voted` and
 * `rejected`. Refuses: no such gate (WRIT-APR-001), not an eligible approver, or no longer (-002), voted already (-003), decided (-004),
 * past the deadline (-005), for another action or version (-006), frozen (-007), the vote itself expired (-008).
 */
export const decideVote = (input: VoteInput, state: ApprovalState): Decision<VoteResult | Refused> => {
  const { data } = input.vote;
  const gate = state.gates.get(data.intentId);
  if (gate === undefined || !gate.agent.startsWith(`${data.environment}.`)) {
    return refusal('WRIT-APR-001', 'no gate was opened for this intent in this environment');
  }
  const again = recorded(gate, input);
  if (again !== undefined) return again;
  const no = standing(gate, input.now) ?? allowed(gate, input);
  if (no !== undefined) return no;
  if (data.expires <= input.now) return refusal('WRIT-APR-008', `the vote expired at ${data.expires}`);
  return cast(input, gate);
};
