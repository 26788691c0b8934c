// The detectors: from an agent's history to findings. They look, they change nothing; whether a finding counts is decided.
import type { AgentScope, Detector, EventId, LedgerSeq } from '@writ/contracts';
import type { List } from 'immutable';
import { msOf } from '../instant.js';
import { type AgentConduct, type ConductState, conductOf } from './conduct.state.js';
import { Detectors } from './detectors.js';
import { type AgentHistory, type History, historyOf, type Minute, type Sighting } from './history.state.js';

/** What a detector saw. `lastSeq`: the ledger position of the latest event in it. */
export type Finding = {
  readonly agent: AgentScope;
  readonly detector: Detector;
  readonly observed: number;
  readonly threshold: number;
  readonly windowSeconds: number;
  /** How many decisions (rate: complete minutes) the finding rests on. */
  readonly history: number;
  readonly events: readonly EventId[];
  readonly lastSeq: LedgerSeq;
};

type Look = (agent: AgentScope, h: AgentHistory, marks: AgentConduct) => Finding | undefined;

const after = (sightings: List<Sighting>, covered: LedgerSeq | undefined): readonly Sighting[] =>
  sightings.filter((s) => s.seq > (covered ?? 0)).toArray();

const finding = (
  agent: AgentScope,
  detector: Detector,
  sightings: readonly Sighting[],
  rest: Pick<Finding, 'observed' | 'threshold' | 'history'>,
): Finding => ({
  ...{ agent, detector, ...rest, windowSeconds: Detectors[detector].windowSeconds },
  events: sightings.map((s) => s.event).slice(-64),
  lastSeq: sightings.at(-1)?.seq ?? 0,
});

/** The latest run of sightings that lie within one window and are as many as the threshold, else nothing. */
const latestRun = (sightings: readonly Sighting[], count: number, windowMs: number): readonly Sighting[] => {
  for (let end = sightings.length - 1; end >= count - 1; end -= 1) {
    const from = sightings[end]!.ms - windowMs;
    const run = sightings.slice(0, end + 1).filter((s) => s.ms >= from);
    if (run.length >= count) return run;
  }
  return [];
};

const burst: Look = (agent, h, marks) => {
  const { count, windowSeconds } = Detectors['irreversible-burst'];
  const run = latestRun(
    after(h.burst, marks.covered['irreversible-burst']?.covers),
    count,
    windowSeconds * 1000,
  );
  if (run.length === 0) return undefined;
  const rest = { observed: run.length, threshold: count, history: h.decisions };
  return finding(agent, 'irreversible-burst', run, rest);
};

const novelty: Look = (agent, h, marks) => {
  const fresh = after(h.novelties, marks.covered.novelty?.covers);
  if (fresh.length === 0) return undefined;
  return finding(agent, 'novelty', fresh, { observed: fresh.length, threshold: 1, history: h.decisions });
};

const mean = (minutes: readonly Minute[]): number =>
  minutes.reduce((sum, m) => sum + m.count, 0) / minutes.length;

const rate: Look = (agent, h, marks) => {
  const { minActiveMinutes, factor, floor } = Detectors.rate;
  const current = h.minutes.last();
  const baseline = h.minutes.butLast().toArray();
  if (current === undefined || baseline.length < minActiveMinutes) return undefined;
  const threshold = Math.max(floor, Math.ceil(mean(baseline) * factor));
  const flaggedAt = marks.covered.rate?.at;
  const judged = flaggedAt !== undefined && Math.floor(msOf(flaggedAt) / 60_000) >= current.minute;
  if (judged || current.count <= threshold) return undefined;
  const within = h.recent.filter((s) => s.ms >= current.minute * 60_000).toArray();
  return finding(agent, 'rate', within, { observed: current.count, threshold, history: baseline.length });
};

/**
 * What the detectors find about an agent now. Nothing that an earlier flag of the same detector covers is found again, so a
 * burst that was cleared stays cleared. Pure: it depends on the two folds alone.
 */
export const detect = (history: History, state: ConductState, agent: AgentScope): readonly Finding[] => {
  const h = historyOf(history, agent);
  const marks = conductOf(state, agent);
  return [burst, novelty, rate].flatMap((look) => look(agent, h, marks) ?? []);
};
