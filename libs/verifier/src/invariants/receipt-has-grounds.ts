// Invariant 1: no receipt without a permit or a granted approval for the same intent, on a boundary view at most 2 s old, in time,
// for exactly what was decided.
import type { LedgerDocumentOf } from '@writ/contracts';
import { canonicalize } from '@writ/crypto';
import {
  boundaryFor,
  effectOf,
  type GateView,
  gateFor,
  gateOf,
  type RegistryState,
  rederiveUnder,
} from '@writ/domain';
import type { UsableDecision } from '../folded/actions.js';
import { type Environment, freshOf, type View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { Tolerances } from '../tolerances.js';
import { type Flaw, flawIf } from './flaw.js';

type Receipt = Judged<LedgerDocumentOf<'writ.authority.receipt-issued.v1'>>;
type Given = { readonly view: View; readonly event: Receipt; readonly decision: UsableDecision };

/** What lets the intent go ahead, until when; or what is wrong with it. */
type Cover = { readonly until: string | undefined; readonly flaws: readonly Flaw[] };

const none = (code: Flaw['code'], reason: string): Cover => ({ until: undefined, flaws: [{ code, reason }] });

/** The receipt repeats the decision: intent, action, arguments, obligations, reasons. */
const sameFlaws = ({ event, decision }: Given): readonly Flaw[] => {
  const { agent, intentDigest, who, what, why } = event.document.data;
  const { data, id } = decision.document;
  const { tool, operation, resource } = decision.intent.data.action;
  const said = { agent, intentDigest, decision: who.decision, what, rule: why.rule, codes: why.codes };
  const boundary = { name: data.boundary?.name ?? '', digest: data.boundary?.digest ?? '' };
  const decided = {
    agent: data.agent,
    intentDigest: data.intentDigest,
    decision: { id, digest: decision.digest },
    what: { tool, operation, resource, argsDigest: data.obligedDigest, obligations: data.obligations },
    rule: data.rule,
    codes: data.codes,
  };
  const other = [...Object.keys(decided), 'boundary'].filter((field) => {
    const [a, b] =
      field === 'boundary'
        ? [why.boundary, boundary]
        : [said[field as keyof typeof said], decided[field as keyof typeof decided]];
    return canonicalize(a as never) !== canonicalize(b as never);
  });
  return flawIf(other.length > 0, 'WRIT-VER-112', `it differs from the decision in ${other.join(', ')}`);
};

const boundToDecision = (gate: GateView, { document, digest }: UsableDecision): boolean =>
  gate.decision.id === document.id &&
  gate.decision.digest === digest &&
  gate.intentDigest === document.data.intentDigest &&
  gate.obligedDigest === document.data.obligedDigest &&
  gate.boundaryDigest === document.data.boundary?.digest;

const gateCover = ({ event, decision }: Given, gate: GateView | undefined): Cover => {
  const { via, approval } = event.document.data.who;
  if (gate?.decisive === undefined || gate.until === undefined || !boundToDecision(gate, decision)) {
    return none('WRIT-VER-116', `the gate is ${gate?.status ?? 'not there'}`);
  }
  const { decisive, people = [], until } = gate;
  const same =
    gate.via === via &&
    approval?.id === decisive.id &&
    approval.digest === decisive.digest &&
    canonicalize([...approval.people].sort()) === canonicalize([...people].sort());
  return { until, flaws: flawIf(!same, 'WRIT-VER-116', 'it names another approval than the gate gave') };
};

const coverOf = (given: Given, environment: Environment): Cover => {
  const { event, decision } = given;
  const { intentId, who } = event.document.data;
  const { document } = decision;
  switch (effectOf(document)) {
    case 'deny':
      return none('WRIT-VER-111', 'the intent was denied');
    case 'gate':
      return gateCover(given, gateOf(environment.approval, intentId));
    case 'permit': {
      const otherwise = who.via !== 'policy' || who.approval !== null;
      const flaws = flawIf(otherwise, 'WRIT-VER-116', 'the permit had no approval, the receipt names one');
      return { until: document.data.expires, flaws };
    }
  }
};

const timeFlaws = ({ event, decision }: Given, until: string | undefined): readonly Flaw[] => {
  if (until === undefined) return [];
  const { deadline } = decision.intent.data;
  const last = until < deadline ? until : deadline;
  const { issued, expires } = event.document.data.when;
  const apart = Math.abs(Date.parse(issued) - event.ms);
  return [
    ...flawIf(event.ms > Date.parse(last) + Tolerances.clockMs, 'WRIT-VER-113', `it was good until ${last}`),
    ...flawIf(expires > last, 'WRIT-VER-118', `good until ${expires}, its grounds until ${last}`),
    ...flawIf(apart > Tolerances.claimMs, 'WRIT-VER-187', `issued ${apart} ms apart from the server's time`),
  ];
};

const currentIn = (registry: RegistryState, { document }: Receipt) =>
  boundaryFor(registry, document.data.agent);

/** The boundary in force as the receipt names it, at a view that was fresh; and what it says, where it has changed. */
const boundaryFlaws = ({ view, event, decision }: Given): readonly Flaw[] => {
  const { agent, why, who, when } = event.document.data;
  const named = (registry: RegistryState): boolean =>
    currentIn(registry, event)?.digest === why.currentBoundaryDigest;
  const registry = freshOf(view.registry, event).find(named);
  if (registry === undefined) {
    const stale = view.registry.since(event.document.seen).some(named);
    const reason = 'the boundary that it names as current was not in force';
    return [{ code: stale ? 'WRIT-VER-114' : 'WRIT-VER-115', reason }];
  }
  const boundary = currentIn(registry, event)?.boundary ?? null;
  const lives = Date.parse(when.expires) - Date.parse(when.issued);
  const long = lives > (boundary?.spec.receiptSeconds ?? 1) * 1000;
  const changed = why.currentBoundaryDigest !== decision.document.data.boundary?.digest;
  const gateKnown = (name: string): boolean => gateFor(registry, name, agent) !== undefined;
  const permits =
    !changed ||
    who.via === 'override' ||
    rederiveUnder(decision.document.data, decision.intent, boundary, gateKnown).effect === 'permit';
  return [
    ...flawIf(long, 'WRIT-VER-118', `it lives ${lives} ms`),
    ...flawIf(!permits, 'WRIT-VER-115', 'the boundary in force does not permit it'),
  ];
};

/** Judges what a receipt rests on. Without a decision that can still be used there is nothing that it could rest on. */
export const groundsFlaws = (view: View, environment: Environment, event: Receipt): readonly Flaw[] => {
  const { intentId } = event.document.data;
  const decision = view.actions.usable(intentId);
  if (decision === undefined) {
    const { effect } = view.actions.of(intentId);
    if (effect === undefined) return [{ code: 'WRIT-VER-111', reason: 'no decision is recorded' }];
    if (effect === 'deny') return [{ code: 'WRIT-VER-111', reason: 'the intent was denied' }];
    return [{ code: 'WRIT-VER-113', reason: 'its permit or grant had long expired' }];
  }
  const given: Given = { view, event, decision };
  const cover = coverOf(given, environment);
  const revoked = environment.authority.now().revoked.has(intentId);
  return [
    ...sameFlaws(given),
    ...cover.flaws,
    ...timeFlaws(given, cover.until),
    ...boundaryFlaws(given),
    ...flawIf(revoked, 'WRIT-VER-117', 'the permit was revoked before'),
  ];
};
