// Makes the decision event of an intent: every input of the verdict stands in it. Decides nothing.
import type { CommandId, EventId, Timestamp } from '@writ/contracts';
import type { Verdict } from '../boundary/verdict.js';
import { draftOf, vouchedBy } from '../draft.js';
import type { Draft } from '../recorded.js';
import { gateFor } from '../registry/registry.queries.js';
import type { PublishedBoundary, PublishedGate } from '../registry/registry.state.js';
import type { Asked, DecisionData } from './decision.input.js';
import type { Disclosed } from './disclosure.js';

/** What was found about an intent. */
export type Found = {
  readonly inputs: DecisionData['inputs'];
  readonly published: PublishedBoundary | undefined;
  readonly disclosed: readonly Disclosed[];
  readonly verdict: Verdict;
};

/** The id of the one decision on an intent. */
export const decisionEventId = (intent: CommandId): EventId => `${intent}.decision.0`;

const at = (ms: number): Timestamp => new Date(ms).toISOString();

/** A permit lives for its boundary's seconds, a gate for its own and its grant's, neither beyond the intent's deadline. */
const expiry = (asked: Asked, found: Found, gate: PublishedGate | undefined): Timestamp => {
  const now = Date.parse(asked.now);
  const deadline = Date.parse(asked.intent.data.deadline);
  if (found.verdict.effect === 'deny') return asked.now;
  const seconds =
    found.verdict.effect === 'permit'
      ? (found.published?.boundary.spec.permitSeconds ?? 0)
      : (gate?.gate.spec.deadlineSeconds ?? 0) + (gate?.gate.spec.grantSeconds ?? 0);
  return at(Math.min(deadline, now + seconds * 1000));
};

const boundaryOf = (published: PublishedBoundary | undefined): DecisionData['boundary'] =>
  published === undefined
    ? null
    : {
        name: published.name,
        digest: published.digest,
        event: published.event,
        level: published.boundary.spec.level,
      };

const dataOf = (asked: Asked, found: Found, gate: PublishedGate | undefined): DecisionData => ({
  agent: asked.agent,
  intent: asked.frame,
  ...vouchedBy(asked.session),
  intentDigest: asked.digest,
  disclosed: found.disclosed.map(({ disclosure }) => disclosure),
  boundary: boundaryOf(found.published),
  registryVer: asked.registry.ver,
  rule: found.verdict.rule,
  codes: [...found.verdict.codes],
  inputs: found.inputs,
  reversibility: found.verdict.reversibility,
  blastRadius: found.verdict.blastRadius,
  obligations: [...found.verdict.obligations],
  obligedDigest: asked.obligedDigest(found.verdict.obligations),
  expires: expiry(asked, found, gate),
});

/** The draft of the decision event. Its id follows from the intent's, so a retry is the same event. */
export const decisionDraft = (asked: Asked, found: Found): Draft => {
  const { id } = asked.intent;
  const { effect, gate: name, lowRisk } = found.verdict;
  const causes = { id: decisionEventId(id), agent: asked.agent, causationid: id, correlationid: id };
  const gate = name === undefined ? undefined : gateFor(asked.registry, name, asked.agent);
  const data = dataOf(asked, found, gate);
  if (effect === 'permit') return draftOf('writ.decision.permitted.v1', causes, data);
  if (effect === 'deny') return draftOf('writ.decision.denied.v1', causes, data);
  if (gate === undefined) throw new Error('an escalation without a gate in force');
  const escalation = { gate: { name: gate.name, digest: gate.digest }, lowRisk };
  return draftOf('writ.decision.escalated.v1', causes, { ...data, ...escalation });
};
