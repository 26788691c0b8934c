// Moves the view past one event. It follows the ledger as every service does; what is wrong with an event was judged before.
import {
  type AuthorityEvent,
  type CommandId,
  covers,
  Intent,
  type LedgerDocument,
  type OutcomeEvent,
} from '@writ/contracts';
import {
  effectOf,
  evolveApproval,
  evolveAuthority,
  evolveConduct,
  evolveDecision,
  evolveRegistry,
  type Recorded,
} from '@writ/domain';
import { intentOf, isApproval, isAuthority, isConduct, isDecisionOn, isOutcome } from '../event-kinds.js';
import { usedAs } from '../invariants/commands-work-once.js';
import type { Flaw } from '../invariants/flaw.js';
import type { Judged } from '../message.js';
import { type DecisionDocument, noOutcome, type Taint } from './actions.js';
import { type Environment, environmentIn, type View } from './view.js';

const taintOf = (flaws: readonly Flaw[]): Taint | undefined => {
  const flaw = flaws.find(({ undetermined }) => undetermined !== true) ?? flaws[0];
  return flaw && { code: flaw.code, undetermined: flaw.undetermined === true };
};

/** What speaks most against a receipt: its own flaws, or those of what it rests on. */
export const worstOf = (flaws: readonly Flaw[], taint: Taint | undefined): Taint | undefined => {
  const own = taintOf(flaws);
  if (own?.undetermined === false) return own;
  return taint?.undetermined === false ? taint : (own ?? taint);
};

/** What an intent says whose signature does not hold: that is reported; what follows from it is still looked at. */
const unverified = ({ data }: DecisionDocument): Intent | undefined => {
  const parsed = Intent.safeParse(data.intent.signed);
  return parsed.success ? parsed.data : undefined;
};

const foldDecision = (view: View, event: Judged<DecisionDocument>, flaws: readonly Flaw[]): void => {
  const { document, digest, seq } = event;
  const intent = intentOf(event) ?? unverified(document);
  const id = intent?.id;
  if (intent === undefined || id === undefined) return;
  const before = view.actions.of(id);
  if (before.effect !== undefined) return;
  const effect = effectOf(document);
  view.actions.patch(id, { effect, taint: taintOf(flaws) });
  if (effect === 'deny') return;
  const until = effect === 'permit' ? document.data.expires : intent.data.deadline;
  view.actions.keep(id, { document, intent, digest, seq, untilMs: Date.parse(until) });
};

const dropGate = (environment: Environment, intentId: CommandId): void => {
  const { gates, undecided } = environment.approval;
  if (!gates.has(intentId)) return;
  environment.approval = { gates: gates.remove(intentId), undecided: undecided.remove(intentId) };
};

type Issued = Extract<AuthorityEvent, { readonly type: 'writ.authority.receipt-issued.v1' }>;

const foldReceipt = (view: View, environment: Environment, event: Judged, document: Issued): void => {
  const { intentId, agent, audience, when } = document.data;
  if (view.actions.of(intentId).receipt !== undefined) return;
  const expiresMs = Date.parse(when.expires);
  const receipt = { id: document.id, seq: event.seq, agent, audience, expiresMs };
  view.actions.patch(intentId, { receipt });
  view.actions.drop(intentId);
  dropGate(environment, intentId);
};

type Released = Extract<AuthorityEvent, { readonly type: 'writ.authority.halt-released.v1' }>;

/** A release that is not lawful leaves its halts in force for the receipts that follow; a lawful one over them ends that. */
const foldRelease = (environment: Environment, { data }: Released, lawful: boolean): void => {
  const under = (halt: { readonly scope: string }): boolean => covers(data.scope, halt.scope);
  if (lawful) {
    environment.unlawful = environment.unlawful.filter((halt) => !under(halt));
    return;
  }
  const gone = [...environment.authority.now().halts.values()].filter(
    (halt) => data.halts.includes(halt.id) && under(halt),
  );
  environment.unlawful = [...environment.unlawful, ...gone];
};

const isKillSwitchFact = ({ type }: AuthorityEvent): boolean =>
  type !== 'writ.authority.receipt-issued.v1' && type !== 'writ.authority.receipt-withheld.v1';

const foldOutcome = (view: View, { type, data }: OutcomeEvent): void => {
  const { receipt, outcome } = view.actions.of(data.intentId);
  if (receipt === undefined) return;
  const so = outcome ?? noOutcome;
  const by = 'verifiedBy' in data ? data.verifiedBy.name : undefined;
  const next = {
    reported: so.reported || type === 'writ.outcome.succeeded.v1' || type === 'writ.outcome.failed.v1',
    unknown: so.unknown || (outcome === undefined && type === 'writ.outcome.unknown.v1'),
    reconciled: so.reconciled || type === 'writ.outcome.reconciled.v1',
    verifiers: by === undefined || so.verifiers.includes(by) ? so.verifiers : [...so.verifiers, by],
  };
  view.actions.patch(data.intentId, { outcome: next });
};

const foldAuthority = (view: View, environment: Environment, event: Judged, flaws: readonly Flaw[]): void => {
  const { document, seq, ms } = event;
  if (!isAuthority(document)) return;
  if (document.type === 'writ.authority.receipt-issued.v1') foldReceipt(view, environment, event, document);
  if (document.type === 'writ.authority.halt-released.v1') {
    foldRelease(environment, document, flaws.length === 0);
  }
  if (isKillSwitchFact(document)) {
    environment.authority.set(seq, ms, evolveAuthority(environment.authority.now(), recordedOf(event)));
  }
};

const recordedOf = ({ seq, subject, time, digest, document }: Judged): Recorded<LedgerDocument> => ({
  seq,
  subject,
  time,
  digest,
  document,
});

const foldApproval = (view: View, environment: Environment, event: Judged, flaws: readonly Flaw[]): void => {
  const { document } = event;
  if (!isApproval(document)) return;
  environment.approval = evolveApproval(environment.approval, recordedOf(event));
  const { intentId } = document.data;
  const over = environment.approval.gates.get(intentId)?.result !== undefined;
  const { gateOver, taint } = view.actions.of(intentId);
  view.actions.patch(intentId, { gateOver: gateOver || over, taint: worstOf(flaws, taint) });
};

const rememberSigners = (view: View, event: Judged): void => {
  view.lastSigned.set(event.document.kid, event.seq);
  for (const opened of event.embedded.values()) {
    view.lastSigned.set(opened.kid, event.seq);
    if (opened.ok && opened.vouched) view.lastSigned.set(opened.vouched.identity, event.seq);
    if (opened.ok && opened.kind === 'command' && event.family !== 'registry') {
      view.commands.add(usedAs(opened.document.id, event.subject));
    }
  }
};

/** Folds one event into the view. `flaws`: what was found about it. */
export const fold = (view: View, event: Judged, flaws: readonly Flaw[]): void => {
  const { document, seq, ms } = event;
  rememberSigners(view, event);
  if (event.family === 'registry') {
    view.registryTimes.set(seq, ms);
    view.registry.set(seq, ms, evolveRegistry(view.registry.now(), recordedOf(event)));
    return;
  }
  const environment = environmentIn(view, event.scope);
  if (isDecisionOn(document)) {
    foldDecision(view, { ...event, document }, flaws);
    environment.decision = evolveDecision(environment.decision, recordedOf(event));
  }
  if (isOutcome(document)) foldOutcome(view, document);
  if (isConduct(document)) {
    environment.conduct.set(seq, ms, evolveConduct(environment.conduct.now(), recordedOf(event)));
  }
  foldApproval(view, environment, event, flaws);
  foldAuthority(view, environment, event, flaws);
};

/** How long after its end a permit is still known, so that a late receipt is called late, ms. */
const KNOWN_MS = 60_000;

/** Forgets the decisions and gates on which nothing can rest any more. */
export const forget = (view: View, ms: number): void => {
  for (const intentId of view.actions.expire(ms - KNOWN_MS)) {
    for (const environment of view.environments.values()) dropGate(environment, intentId);
  }
};
