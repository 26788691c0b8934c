// Invariant 5: distinct people, eligible, never the excluded, each bound to the exact action; the quorum as the gate says; one
// decisive result, or the gate's own fallback when it has run out.
import { type ApprovalEvent, environmentOf, type LedgerDocumentOf, subjects } from '@writ/contracts';
import { agentOf, type Gate, gateByDigest, hasRole, type PublishedGate } from '@writ/domain';
import { type Environment, freshOf, type View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { Tolerances } from '../tolerances.js';
import { commandFlaws } from './commands-work-once.js';
import { type Flaw, flawIf } from './flaw.js';
import { embeddedFrame } from './keys-and-frames.js';

type Of<T extends ApprovalEvent['type']> = Judged<LedgerDocumentOf<T>>;
type Opened = Of<'writ.approval.gate-opened.v1'>;
type Voted = Of<'writ.approval.voted.v1'>;

const secondsAfter = (ms: number, seconds: number): number => ms + seconds * 1000 + Tolerances.claimMs;

/** Everybody who may be an approver by the gate's document: the people named, the holders of its roles over the agent. */
const strangers = (view: View, event: Opened, { gate }: PublishedGate): readonly string[] => {
  const { approvers, agent } = event.document.data;
  const registries = freshOf(view.registry, event);
  const { people, roles } = gate.spec.approvers;
  const named = (person: string): boolean =>
    people.includes(person) ||
    registries.some((registry) => roles.some((role) => hasRole(registry, person, role, agent)));
  return approvers.filter((person) => !named(person));
};

const ownerMayVote = (view: View, event: Opened, { gate }: PublishedGate): boolean => {
  if (!gate.spec.excludeOwner) return false;
  const { agent, approvers, excluded } = event.document.data;
  const owners = freshOf(view.registry, event).map((registry) => agentOf(registry, agent)?.owner ?? '');
  return owners.every((owner) => approvers.includes(owner) && !excluded.includes(owner));
};

/** A gate stands for one escalated decision and repeats its digests and the rules of its own document. */
const openedFlaws = (view: View, environment: Environment, event: Opened): readonly Flaw[] => {
  const { data } = event.document;
  const decision = view.actions.usable(data.intentId);
  const escalated = decision?.document;
  if (decision === undefined || escalated?.type !== 'writ.decision.escalated.v1') {
    return [{ code: 'WRIT-VER-151', reason: 'no escalated decision is recorded for the intent' }];
  }
  const published = gateByDigest(view.registry.now(), data.gate.digest);
  if (published === undefined) return [{ code: 'WRIT-VER-151', reason: 'the gate was never published' }];
  const { quorum, deadlineSeconds, fallback, grantSeconds } = published.gate.spec;
  const bound =
    data.decision.id === escalated.id &&
    data.decision.digest === decision.digest &&
    data.intentDigest === escalated.data.intentDigest &&
    data.obligedDigest === escalated.data.obligedDigest &&
    data.boundaryDigest === escalated.data.boundary?.digest &&
    data.gate.digest === escalated.data.gate.digest &&
    data.agent === escalated.data.agent;
  const allow = fallback === 'allow' && escalated.data.lowRisk;
  const asSaid =
    data.quorum === quorum && data.grantSeconds <= grantSeconds && (data.fallback === 'deny' || allow);
  const long = Date.parse(data.deadline) > secondsAfter(event.ms, deadlineSeconds);
  const others = strangers(view, event, published);
  return [
    ...flawIf(environment.approval.gates.has(data.intentId), 'WRIT-VER-156', 'the gate was open already'),
    ...flawIf(!bound, 'WRIT-VER-151', 'it is not bound to the decision as recorded'),
    ...flawIf(!asSaid || long, 'WRIT-VER-151', 'it does not have the rules of its document'),
    ...flawIf(others.length > 0, 'WRIT-VER-152', `not approvers of this gate: ${others.join(', ')}`),
    ...flawIf(ownerMayVote(view, event, published), 'WRIT-VER-152', 'the owner is not excluded'),
  ];
};

const standingFlaws = (gate: Gate, event: Voted): readonly Flaw[] => {
  const { result, frozen, deadline } = gate;
  const over = event.ms > Date.parse(deadline) + Tolerances.clockMs;
  return [
    ...flawIf(result !== undefined, 'WRIT-VER-158', `it was ${result?.status} before`),
    ...flawIf(frozen !== undefined, 'WRIT-VER-158', 'it was frozen under a halt'),
    ...flawIf(over, 'WRIT-VER-158', `its deadline was ${deadline}`),
  ];
};

const votedFlaws = (view: View, gate: Gate, event: Voted): readonly Flaw[] => {
  const { person, choice, voteDigest } = event.document.data;
  const { document: vote, flaws } = embeddedFrame(view, event, 'vote', {
    roles: ['person'],
    holder: person,
    subject: () => subjects.vote(view.org, person),
    digest: voteDigest,
  });
  const data = vote?.data;
  const bound =
    data !== undefined &&
    data.intentId === gate.intentId &&
    data.environment === environmentOf(gate.agent) &&
    data.intentDigest === gate.intentDigest &&
    data.boundaryDigest === gate.boundaryDigest &&
    data.obligedDigest === gate.obligedDigest &&
    data.choice === choice;
  const late = data !== undefined && event.ms > Date.parse(data.expires) + Tolerances.clockMs;
  const may = gate.approvers.includes(person) && !gate.excluded.includes(person);
  return [
    ...standingFlaws(gate, event),
    ...flaws,
    ...flawIf(!may, 'WRIT-VER-152', `${person} is no approver of this gate, or excluded`),
    ...flawIf(gate.votes.has(person), 'WRIT-VER-153', `${person} had voted`),
    ...flawIf(data !== undefined && !bound, 'WRIT-VER-154', 'the vote is bound to something else'),
    ...flawIf(late, 'WRIT-VER-158', `the vote expired at ${data?.expires}`),
  ];
};

const votersOf = (gate: Gate, choice: 'approve' | 'reject'): readonly string[] =>
  [...gate.votes.values()].filter((vote) => vote.choice === choice).map((vote) => vote.person);

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && [...a].sort().join() === [...b].sort().join();

const grantedFlaws = (view: View, gate: Gate, event: Of<'writ.approval.granted.v1'>): readonly Flaw[] => {
  const { by, until } = event.document.data;
  const yes = votersOf(gate, 'approve');
  const deadline = view.actions.usable(gate.intentId)?.intent.data.deadline;
  const long = Date.parse(until) > secondsAfter(event.ms, gate.grantSeconds) || until > (deadline ?? until);
  return [
    ...flawIf(yes.length < gate.quorum, 'WRIT-VER-155', `${yes.length} approvals of ${gate.quorum}`),
    ...flawIf(!sameSet(by, yes), 'WRIT-VER-155', 'it names other people than approved'),
    ...flawIf(long, 'WRIT-VER-155', `it is good until ${until}`),
  ];
};

const rejectedFlaws = (gate: Gate, { document }: Of<'writ.approval.rejected.v1'>): readonly Flaw[] => {
  const eligible = gate.approvers.filter((person) => !gate.excluded.includes(person));
  const no = votersOf(gate, 'reject');
  const possible = votersOf(gate, 'approve').length + eligible.length - gate.votes.size;
  const lawful = possible < gate.quorum || (gate.quorum === 1 && no.length > 0);
  return [
    ...flawIf(!lawful, 'WRIT-VER-155', `${no.length} rejections do not end it`),
    ...flawIf(!sameSet(document.data.by, no), 'WRIT-VER-155', 'it names other people than rejected'),
  ];
};

const timedOutFlaws = (gate: Gate, event: Of<'writ.approval.timed-out.v1'>): readonly Flaw[] => {
  const { fallback, until } = event.document.data;
  const early = event.ms < Date.parse(gate.deadline) - Tolerances.clockMs;
  const long = until !== undefined && Date.parse(until) > secondsAfter(event.ms, gate.grantSeconds);
  const other = fallback !== gate.fallback || (fallback === 'deny' && until !== undefined);
  return [
    ...flawIf(early || gate.frozen !== undefined, 'WRIT-VER-157', `its deadline is ${gate.deadline}`),
    ...flawIf(other || long, 'WRIT-VER-157', `the fallback of the gate is ${gate.fallback}`),
  ];
};

const overriddenFlaws = (view: View, gate: Gate, event: Of<'writ.approval.overridden.v1'>) => {
  const { effect, person, until } = event.document.data;
  const environment = environmentOf(gate.agent);
  const judged = commandFlaws(view, event, {
    service: 'approval',
    role: 'override',
    scope: environment,
    asks: (action) =>
      action.do === 'override' &&
      action.environment === environment &&
      action.intentId === gate.intentId &&
      action.effect === effect &&
      action.until === until,
  });
  const other = judged.person !== undefined && judged.person !== person;
  return [...judged.flaws, ...flawIf(other, 'WRIT-VER-194', `signed by ${judged.person}`)];
};

const clockFlaws = (
  gate: Gate,
  event: Of<'writ.approval.frozen.v1' | 'writ.approval.thawed.v1'>,
): readonly Flaw[] => {
  const { document, ms } = event;
  if (document.type === 'writ.approval.frozen.v1') {
    const most = Date.parse(gate.deadline) - ms + Tolerances.claimMs;
    return flawIf(document.data.remainingMs > most, 'WRIT-VER-157', 'more time is left than there was');
  }
  const latest = ms + (gate.frozen?.remainingMs ?? 0) + Tolerances.claimMs;
  const long = gate.frozen === undefined || Date.parse(document.data.deadline) > latest;
  return flawIf(long, 'WRIT-VER-157', `the deadline moves to ${document.data.deadline}`);
};

const isDecisive = ({ type }: ApprovalEvent): boolean =>
  type === 'writ.approval.granted.v1' ||
  type === 'writ.approval.rejected.v1' ||
  type === 'writ.approval.timed-out.v1';

const atGate = (view: View, gate: Gate, event: Judged<ApprovalEvent>): readonly Flaw[] => {
  const { document } = event;
  switch (document.type) {
    case 'writ.approval.voted.v1':
      return votedFlaws(view, gate, { ...event, document });
    case 'writ.approval.granted.v1':
      return grantedFlaws(view, gate, { ...event, document });
    case 'writ.approval.rejected.v1':
      return rejectedFlaws(gate, { ...event, document });
    case 'writ.approval.timed-out.v1':
      return timedOutFlaws(gate, { ...event, document });
    case 'writ.approval.overridden.v1':
      return overriddenFlaws(view, gate, { ...event, document });
    case 'writ.approval.frozen.v1':
    case 'writ.approval.thawed.v1':
      return clockFlaws(gate, { ...event, document });
    case 'writ.approval.gate-opened.v1':
    case 'writ.approval.stage-escalated.v1':
      return [];
  }
};

/** Judges an approval event against its gate as folded before it. */
export const approvalFlaws = (
  view: View,
  environment: Environment,
  event: Judged<ApprovalEvent>,
): readonly Flaw[] => {
  const { document } = event;
  if (document.type === 'writ.approval.gate-opened.v1') {
    return openedFlaws(view, environment, { ...event, document });
  }
  const { intentId, intentDigest, agent } = document.data;
  const gate = environment.approval.gates.get(intentId);
  const over = gate === undefined ? view.actions.of(intentId).gateOver : gate.result !== undefined;
  const again = flawIf(over && isDecisive(document), 'WRIT-VER-156', 'the gate had its result');
  if (gate === undefined) {
    return over ? again : [{ code: 'WRIT-VER-151', reason: 'no gate was opened for the intent' }];
  }
  const other = gate.intentDigest !== intentDigest || gate.agent !== agent;
  return [
    ...again,
    ...flawIf(other, 'WRIT-VER-154', 'it is about another action than the gate'),
    ...atGate(view, gate, event),
  ];
};
