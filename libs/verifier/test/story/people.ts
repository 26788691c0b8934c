// What people and the kill-switch do in a test ledger, each by its real decider: gates, votes, halts, releases, containment.
import { type Command, type HaltTool, subjects } from '@writ/contracts';
import {
  agentOf,
  approversNow,
  type Draft,
  decideAck,
  decideContainmentCommand,
  decideOpenGate,
  decideRelease,
  decideTimeout,
  decideVote,
  gateByDigest,
  haltDraft,
  hasRole,
  holdersOf,
  type Recorded,
} from '@writ/domain';
import { type Decided, decide, decisionOf, nothing, only } from './actions.js';
import { AGENT, ENV, iso, type Live, ORG, type TestLedger } from './ledger.js';
import { command } from './organisation.js';
/** What approval would record of an escalation now. */
export const gateDrafts = ({ states, now }: TestLedger, asked: Decided): readonly Draft[] => {
  const { document, digest } = asked.decision;
  if (document.type !== 'writ.decision.escalated.v1') throw new Error(document.type);
  const { id, correlationid, data } = document;
  const { gate } = gateByDigest(states.registry, data.gate.digest)!;
  const owner = agentOf(states.registry, asked.agent)!.owner;
  return only(
    decideOpenGate(
      {
        decision: { id, digest, correlationid, data },
        gate,
        approvers: gate.spec.approvers.roles.flatMap((role) => holdersOf(states.registry, role, asked.agent)),
        excluded: gate.spec.excludeOwner ? [owner] : [],
        now: now(),
      },
      states.approval,
    ),
  );
};

/** A large refund that waits at its gate. */
export const escalate = (ledger: TestLedger, args = { amount: 9000, order: 'o-18' }): Decided => {
  const asked = decide(ledger, { args });
  for (const draft of gateDrafts(ledger, asked)) ledger.write(draft);
  return asked;
};

type Choice = 'approve' | 'reject' | 'abstain';

/** A signed vote; `more` replaces what an honest one says. */
export const ballot = (
  ledger: TestLedger,
  asked: Decided,
  person: string,
  choice: Choice = 'approve',
  more: object = {},
): Live<'vote'> => {
  const { data } = decisionOf(asked);
  return ledger.live('vote', ledger.keyOf(person), subjects.vote(ORG, person), {
    ...{ environment: ENV, intentId: asked.document.id, intentDigest: data.intentDigest },
    ...{ boundaryDigest: data.boundary!.digest, obligedDigest: data.obligedDigest, choice },
    ...{ nonce: 'AAAAAAAAAAAAAAAAAAAAAA', reason: nothing, expires: iso(ledger.ms() + 60_000) },
    ...more,
  });
};

/** One person's vote, and the result where it decides. */
export const vote = (
  ledger: TestLedger,
  asked: Decided,
  person: string,
  choice: Choice = 'approve',
): readonly Recorded[] => {
  const { document, frame, digest } = ballot(ledger, asked, person, choice);
  const notAfter = asked.document.data.deadline;
  const { data } = decisionOf(asked);
  const gate = 'gate' in data ? gateByDigest(ledger.states.registry, data.gate.digest)?.gate : undefined;
  const approvers = approversNow(ledger.states.registry, gate, asked.agent);
  const input = {
    vote: document,
    frame,
    digest,
    person,
    approversNow: approvers,
    now: ledger.now(),
    notAfter,
  };
  return only(decideVote(input, ledger.states.approval)).map((draft) => ledger.write(draft));
};

/** Lets a gate run out. */
export const timeOut = (ledger: TestLedger, asked: Decided): Recorded => {
  const input = { intentId: asked.document.id, now: ledger.now(), notAfter: asked.document.data.deadline };
  return ledger.write(only(decideTimeout(input, ledger.states.approval))[0]!);
};

/** Engages a halt. */
export const halt = (ledger: TestLedger, id: string, scope: string = ENV, tool?: HaltTool): Recorded =>
  ledger.write(
    haltDraft({
      ...{ haltId: id, environment: ENV, scope, tool, person: 'kim', cause: 'human' },
      ...{ reason: nothing, heardAt: ledger.now() },
    }),
  );

/** A signed release. */
export const releaseOrder = (
  ledger: TestLedger,
  halts: readonly string[],
  person = 'kim',
  scope: string = ENV,
) => command(ledger, person, 'kill-switch', { do: 'release', scope, halts: [...halts], reason: nothing });

/** What the kill-switch would record of a release now. */
export const releaseDraft = ({ states, now }: TestLedger, signed: Live<'command'>, person = 'kim'): Draft => {
  const { action } = signed.document.data as {
    action: Extract<Command['data']['action'], { do: 'release' }>;
  };
  return only(
    decideRelease(
      {
        command: signed.document,
        signers: [{ person, frame: signed.frame }],
        authorised: hasRole(states.registry, person, 'operator', action.scope),
        environment: ENV,
        now: now(),
      },
      states.authority,
    ),
  )[0]!;
};

/** Releases halts by an operator's signed command. */
export const release = (ledger: TestLedger, halts: readonly string[]): Recorded =>
  ledger.write(releaseDraft(ledger, releaseOrder(ledger, halts)));

/** An agent's acknowledgement. */
export const acknowledge = (
  ledger: TestLedger,
  halts: readonly string[],
  agent: string = AGENT,
): Recorded => {
  const signed = ledger.live('ack', ledger.keyOf(agent), subjects.ack(agent), {
    ...{ agent, halts, state: 'idle', aborted: 0, heardAt: ledger.now() },
  });
  const asker = { name: agent, role: 'agent' as const };
  const input = { ack: signed.document, frame: signed.frame, asker, known: () => true };
  return ledger.write(only(decideAck(input, ledger.states.stop))[0]!);
};

type Level = Extract<Command['data']['action'], { do: 'set-containment' }>['level'];

/** An operator's command about containment. */
export const containOrder = (ledger: TestLedger, level: Level, agent: string = AGENT) =>
  command(ledger, 'kim', 'anomaly-detector', { do: 'set-containment', agent, level, reason: nothing });

/** Carries out a containment command. */
export const contain = (ledger: TestLedger, level: Level, agent: string = AGENT): Recorded => {
  const { document, frame } = containOrder(ledger, level, agent);
  const input = { command: document, frame, authorised: true, now: ledger.now() };
  return ledger.write(only(decideContainmentCommand(input, ledger.states.conduct))[0]!);
};
