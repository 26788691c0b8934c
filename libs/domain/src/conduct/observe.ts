// Folds decision, outcome, approval and conduct events into the detectors' history. Never decides, never flags.
import { Action, type LedgerDocument, type LedgerDocumentOf, type OutcomeEvent } from '@writ/contracts';
import { List } from 'immutable';
import { msOf } from '../instant.js';
import type { Recorded } from '../recorded.js';
import { atLeast } from './conduct.state.js';
import { Detectors, HistoryLimits, isDeleteLike, resourceClass } from './detectors.js';
import { type AgentHistory, type History, historyOf, type Minute, type Sighting } from './history.state.js';

type Verdict = LedgerDocumentOf<
  'writ.decision.permitted.v1' | 'writ.decision.denied.v1' | 'writ.decision.escalated.v1'
>;
type Used = { readonly operation: string; readonly resource: string };

const push = <T>(list: List<T>, value: T, most: number): List<T> => list.push(value).takeLast(most);

/** The action inside the intent that a decision embeds; `undefined` where there is none to be read. */
const actionOf = ({ data }: Verdict): Used | undefined => {
  const intent = data.intent.signed['data'] as { readonly action?: unknown } | null | undefined;
  const { operation, resource } = Action.shape;
  const action = intent?.action as Partial<Used> | null | undefined;
  const [op, res] = [operation.safeParse(action?.operation), resource.safeParse(action?.resource)];
  return op.success && res.success ? { operation: op.data, resource: res.data } : undefined;
};

const countMinute = (minutes: List<Minute>, ms: number): List<Minute> => {
  const minute = Math.floor(ms / 60_000);
  const last = minutes.last();
  if (last !== undefined && last.minute >= minute) {
    return minutes.set(-1, { ...last, count: last.count + 1 });
  }
  return push(minutes, { minute, count: 1 }, Detectors.rate.baselineMinutes + 1);
};

const settled = (h: AgentHistory, ms: number): boolean => {
  const { minDecisions, minAgeSeconds, maxClasses } = Detectors.novelty;
  const known = Math.max(h.operations.size, h.classes.size);
  return h.decisions >= minDecisions && ms - h.firstMs >= minAgeSeconds * 1000 && known < maxClasses;
};

const learn = (h: AgentHistory, used: Used, seen: Sighting): AgentHistory => {
  const kind = resourceClass(used.resource);
  if (h.operations.has(used.operation) && h.classes.has(kind)) return h;
  const { maxClasses } = Detectors.novelty;
  const add = <S extends { size: number; add(v: string): S }>(set: S, v: string) =>
    set.size < maxClasses ? set.add(v) : set;
  return {
    ...h,
    operations: add(h.operations, used.operation),
    classes: add(h.classes, kind),
    novelties: settled(h, seen.ms) ? push(h.novelties, seen, HistoryLimits.recent) : h.novelties,
  };
};

const grave = (d: Verdict, used: Used): boolean =>
  d.type === 'writ.decision.permitted.v1' &&
  (d.data.reversibility === 'irreversible' || isDeleteLike(used.operation));

const decision = (h: AgentHistory, d: Verdict, rec: Recorded): AgentHistory => {
  const seen: Sighting = { event: d.id, seq: rec.seq, ms: msOf(d.time) };
  const used = actionOf(d);
  const learned = used === undefined ? h : learn(h, used, seen);
  return {
    ...learned,
    decisions: h.decisions + 1,
    firstMs: h.decisions === 0 ? seen.ms : h.firstMs,
    minutes: countMinute(h.minutes, seen.ms),
    recent: push(h.recent, seen, HistoryLimits.recent),
    burst: used !== undefined && grave(d, used) ? push(h.burst, seen, HistoryLimits.burst) : h.burst,
  };
};

const outcome = (h: AgentHistory, d: OutcomeEvent): AgentHistory => {
  switch (d.type) {
    case 'writ.outcome.succeeded.v1': {
      const { count, last } = h.succeeded;
      return { ...h, succeeded: { count: count + 1, last: push(last, d.id, HistoryLimits.succeeded) } };
    }
    case 'writ.outcome.contradicted.v1':
      return { ...h, contradicted: h.contradicted + 1 };
    default:
      return h;
  }
};

const VERDICTS: ReadonlySet<string> = new Set([
  'writ.decision.permitted.v1',
  'writ.decision.denied.v1',
  'writ.decision.escalated.v1',
] satisfies Verdict['type'][]);

const isVerdict = (d: LedgerDocument): d is Verdict => VERDICTS.has(d.type);
const isOutcome = (d: LedgerDocument): d is OutcomeEvent => d.type.startsWith('writ.outcome.');

const fresh = (h: AgentHistory): AgentHistory => ({
  ...h,
  succeeded: { count: 0, last: List() },
  contradicted: 0,
});

const agentChange = (d: LedgerDocument, rec: Recorded): ((h: AgentHistory) => AgentHistory) | undefined => {
  if (isVerdict(d)) return (h) => decision(h, d, rec);
  if (isOutcome(d)) return (h) => outcome(h, d);
  const autonomy =
    d.type === 'writ.conduct.autonomy-promoted.v1' || d.type === 'writ.conduct.autonomy-demoted.v1';
  return autonomy ? fresh : undefined;
};

const gated = (history: History, d: LedgerDocument, rec: Recorded): History => {
  if (d.type === 'writ.decision.escalated.v1' && atLeast(d.data.inputs.containment, 'gate')) {
    const held = { agent: d.data.agent, seq: rec.seq };
    const all = history.gated.set(d.data.intent.signed['id'] as string, held);
    return { ...history, gated: all.size > HistoryLimits.gated ? all.rest() : all };
  }
  if (d.type === 'writ.approval.granted.v1') {
    const held = history.gated.get(d.data.intentId);
    const granted = { event: d.id, seq: rec.seq };
    return held === undefined
      ? history
      : { ...history, gated: history.gated.set(d.data.intentId, { ...held, granted }) };
  }
  const over = d.type === 'writ.approval.rejected.v1' || d.type === 'writ.approval.timed-out.v1';
  return over ? { ...history, gated: history.gated.remove(d.data.intentId) } : history;
};

/** Folds one event of any family of the environment; what says nothing about conduct leaves the history as it is. */
export const observe = (history: History, rec: Recorded): History => {
  const d = rec.document;
  const after = gated(history, d, rec);
  const change = agentChange(d, rec);
  if (change === undefined) return after;
  const { agent } = d.data as { readonly agent: string };
  return { ...after, agents: after.agents.set(agent, change(historyOf(after, agent))) };
};
