// Invariant 8: every decision, derived again from what is recorded, gives the recorded verdict; and what is recorded as its inputs
// is what the ledger gives, folded to where the decision service had read it.
import type { Committed, Digest, Intent, Obligation, PermissionBoundary } from '@writ/contracts';
import { oblige } from '@writ/contracts';
import { committedDigest, obligeCommitted, reveal } from '@writ/crypto';
import {
  agentOf,
  agreesWith,
  autonomyOf,
  boundaryByDigest,
  boundaryFor,
  containmentOf,
  gateByDigest,
  gateFor,
  haltsCovering,
  limitCounters,
  rederiveVerdict,
} from '@writ/domain';
import type { DecisionDocument } from '../folded/actions.js';
import { compare, type Environment, freshOf, type View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { Tolerances } from '../tolerances.js';
import { type Flaw, flawIf, unsure } from './flaw.js';

type Decision = Judged<DecisionDocument>;
/** A decision with its verified intent and the boundary that it names. */
type Given = {
  readonly view: View;
  readonly environment: Environment;
  readonly event: Decision;
  readonly intent: Intent;
  readonly boundary: PermissionBoundary | null;
};

const compared = (how: 'fits' | 'stale' | 'differs', otherwise: Flaw): readonly Flaw[] => {
  if (how === 'fits') return [];
  return [how === 'differs' ? otherwise : { code: 'WRIT-VER-189', reason: otherwise.reason }];
};

/** The boundary that the decision names was published under that digest and was in force for the agent. */
const boundaryFlaws = (view: View, event: Decision): readonly Flaw[] => {
  const { agent, boundary, codes } = event.document.data;
  if (boundary === null && codes[0] === 'undecided-in-time') return [];
  const reason =
    boundary === null ? 'a boundary was in force' : `${boundary.name} was not in force for ${agent}`;
  const named = boundary === null ? undefined : boundaryByDigest(view.registry.now(), boundary.digest);
  const level = named?.boundary.spec.level;
  const misnamed = boundary !== null && (named?.name !== boundary.name || level !== boundary.level);
  const how = compare(
    view.registry,
    event,
    (registry) => boundaryFor(registry, agent)?.event,
    boundary?.event,
  );
  return misnamed
    ? [{ code: 'WRIT-VER-184', reason: 'it names a boundary that was never published like this' }]
    : compared(how, { code: 'WRIT-VER-184', reason });
};

const gateFlaws = (view: View, event: Decision): readonly Flaw[] => {
  const { document } = event;
  if (document.type !== 'writ.decision.escalated.v1') return [];
  const { agent, gate } = document.data;
  const how = compare(
    view.registry,
    event,
    (registry) => gateFor(registry, gate.name, agent)?.digest,
    gate.digest,
  );
  return compared(how, { code: 'WRIT-VER-184', reason: `gate ${gate.name} was not in force like this` });
};

/** Standing, containment, autonomy and halts as the ledger gives them where the service had read it. */
const inputFlaws = ({ view, environment, event, intent, boundary }: Given): readonly Flaw[] => {
  const { agent, inputs, registryVer } = event.document.data;
  const { action } = intent.data;
  const fallback = boundary?.spec.autonomy ?? 'shadow';
  const { authority, conduct } = environment;
  const results = {
    'registry version': compare(view.registry, event, (r) => r.ver, registryVer),
    'agent status': compare(
      view.registry,
      event,
      (r) => agentOf(r, agent)?.status ?? 'unknown',
      inputs.agentStatus,
    ),
    containment: compare(conduct, event, (c) => containmentOf(c, agent), inputs.containment),
    autonomy: compare(conduct, event, (c) => autonomyOf(c, agent, fallback), inputs.autonomy),
    halted: compare(authority, event, (a) => haltsCovering(a, agent, action).length > 0, inputs.halted),
  };
  return Object.entries(results).flatMap(([input, how]) =>
    compared(how, { code: 'WRIT-VER-183', reason: `the ledger gives another ${input}` }),
  );
};

const counterFlaws = ({ environment, event, intent, boundary }: Given): readonly Flaw[] => {
  const { agent, inputs } = event.document.data;
  const now = Date.parse(inputs.now);
  const expected =
    boundary === null ? {} : limitCounters(environment.decision, boundary, agent, intent.data.action, now);
  const names = new Set([...Object.keys(expected), ...Object.keys(inputs.counters)]);
  const wrong = [...names].filter((name) => expected[name] !== inputs.counters[name]).sort();
  return wrong.map((name) => ({
    code: 'WRIT-VER-182' as const,
    reason: `limit ${name}: recorded ${inputs.counters[name] ?? 'none'}, counted ${expected[name] ?? 'none'}`,
  }));
};

const disclosureFlaws = ({ event, intent }: Given): readonly Flaw[] => {
  const opened = reveal(intent.data.action.args, event.document.data.disclosed);
  return opened.ok ? [] : [{ code: 'WRIT-VER-185', reason: opened.reason }];
};

const verdictFlaws = ({ view, event, intent, boundary }: Given): readonly Flaw[] => {
  const { document } = event;
  const agrees = freshOf(view.registry, event).some((registry) => {
    const gateKnown = (name: string): boolean => gateFor(registry, name, document.data.agent) !== undefined;
    return agreesWith(document, rederiveVerdict(document.data, intent, boundary, gateKnown));
  });
  if (agrees) return [];
  const { effect, codes } = rederiveVerdict(document.data, intent, boundary);
  return [{ code: 'WRIT-VER-181', reason: `derived again it is ${effect} (${codes.join(', ')})` }];
};

/** The digest that the obligations give; `undefined` when they touch what is not disclosed. */
const obligedDigest = (
  committed: Committed,
  disclosed: readonly string[],
  obligations: readonly Obligation[],
): Digest | undefined => {
  if (obligations.length === 0) return committedDigest(committed);
  const opened = reveal(committed, disclosed);
  if (!opened.ok) return undefined;
  const all = disclosed.length === committed._sd.length;
  const open = obligations.every((o) => Object.hasOwn(opened.values, o.field.slice('args.'.length)));
  if (!all && !open) return undefined;
  const obliged = oblige(opened.values, obligations);
  if (obliged.kind === 'refused') return committedDigest(committed);
  return committedDigest(obligeCommitted(committed, disclosed, obliged.args).committed);
};

const obligationFlaws = ({ event, intent }: Given): readonly Flaw[] => {
  const { disclosed, obligations, obligedDigest: recorded } = event.document.data;
  const derived = obligedDigest(intent.data.action.args, disclosed, obligations);
  if (derived === undefined)
    return unsure('WRIT-VER-186', 'an obligation touches an argument that is private');
  return flawIf(
    derived !== recorded,
    'WRIT-VER-186',
    'the obliged arguments have another digest than recorded',
  );
};

const longestSeconds = ({ view, event, boundary }: Given): number => {
  const { document } = event;
  if (document.type === 'writ.decision.permitted.v1') return boundary?.spec.permitSeconds ?? 0;
  if (document.type !== 'writ.decision.escalated.v1') return 0;
  const spec = gateByDigest(view.registry.now(), document.data.gate.digest)?.gate.spec;
  return spec === undefined ? Number.POSITIVE_INFINITY : spec.deadlineSeconds + spec.grantSeconds;
};

const timeFlaws = (given: Given): readonly Flaw[] => {
  const { event, intent } = given;
  const { inputs, expires } = event.document.data;
  const now = Date.parse(inputs.now);
  const apart = Math.abs(now - event.ms);
  const latest = Math.min(Date.parse(intent.data.deadline), now + longestSeconds(given) * 1000);
  const long = event.document.type !== 'writ.decision.denied.v1' && Date.parse(expires) > latest;
  return [
    ...flawIf(apart > Tolerances.claimMs, 'WRIT-VER-187', `decided ${apart} ms apart from the server's time`),
    ...flawIf(long, 'WRIT-VER-188', `good until ${expires}`),
  ];
};

/** Judges a decision against the ledger before it. `intent` is undefined when its frame does not verify, which is found elsewhere. */
export const derivedAgainFlaws = (
  view: View,
  environment: Environment,
  event: Decision,
  intent: Intent | undefined,
): readonly Flaw[] => {
  const early = [...boundaryFlaws(view, event), ...gateFlaws(view, event)];
  if (intent === undefined) return early;
  const digest = event.document.data.boundary?.digest;
  const boundary =
    digest === undefined ? null : (boundaryByDigest(view.registry.now(), digest)?.boundary ?? null);
  const given: Given = { view, environment, event, intent, boundary };
  const judges = [inputFlaws, counterFlaws, disclosureFlaws, verdictFlaws, obligationFlaws, timeFlaws];
  return [...early, ...judges.flatMap((judge) => judge(given))];
};
