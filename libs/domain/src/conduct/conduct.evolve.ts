// Folds conduct events. Never decides.
import type { ConductEvent, LedgerDocument } from '@writ/contracts';
import { List } from 'immutable';
import type { Recorded } from '../recorded.js';
import {
  type AgentConduct,
  atLeast,
  type ConductState,
  conductOf,
  type Flag,
  floodKey,
  floodOf,
} from './conduct.state.js';
import { HistoryLimits } from './detectors.js';

type Of<T extends ConductEvent['type']> = Extract<ConductEvent, { type: T }>;

const flagged = (before: AgentConduct, d: Of<'writ.conduct.flagged.v1'>): AgentConduct => {
  const flag: Flag = { detector: d.data.detector, event: d.id, at: d.data.at, covers: d.seen };
  return {
    ...before,
    flags: [...before.flags, flag].slice(-HistoryLimits.flags),
    covered: { ...before.covered, [flag.detector]: flag },
  };
};

const changed = (
  before: AgentConduct,
  d: Of<'writ.conduct.containment-changed.v1'>,
  seq: number,
): AgentConduct => {
  const { to, cause, causeEvent } = d.data;
  const containment = {
    ...{ level: to, cause, event: d.id, since: d.time, seq },
    ...(causeEvent === undefined ? {} : { causeEvent }),
  };
  const { covered } = before;
  return { ...before, containment, covered: settles(d) ? settled(seq, d.time) : covered };
};

/** A person let the agent go on: what it did until then is settled for every detector. */
const settles = ({ data }: Of<'writ.conduct.containment-changed.v1'>): boolean =>
  data.cause === 'cleared-by-approval' || (data.cause === 'command' && !atLeast(data.to, data.from));

const settled = (covers: number, at: string): AgentConduct['covered'] => ({
  rate: { covers, at },
  novelty: { covers, at },
  'irreversible-burst': { covers, at },
  'intent-id-reused': { covers, at },
});

type Flooded = Of<'writ.conduct.flood-shed.v1'>;

const flooded = (state: ConductState, { data, id, time }: Flooded): ConductState => {
  const key = floodKey(data.service, data.kind, data.asker);
  const before = floodOf(state, key)?.reports ?? List<string>();
  const reports = before.push(id.split('.')[0]!).takeLast(HistoryLimits.reports);
  return { ...state, floods: state.floods.set(key, { at: time, reports }) };
};

const next = (before: AgentConduct, d: Exclude<ConductEvent, Flooded>, seq: number): AgentConduct => {
  switch (d.type) {
    case 'writ.conduct.flagged.v1':
      return flagged(before, d);
    case 'writ.conduct.containment-changed.v1':
      return changed(before, d, seq);
    case 'writ.conduct.autonomy-promoted.v1':
    case 'writ.conduct.autonomy-demoted.v1':
      return { ...before, autonomy: d.data.to };
    case 'writ.conduct.benchmark-recorded.v1':
      return before;
  }
};

const isConduct = (d: LedgerDocument): d is ConductEvent => d.type.startsWith('writ.conduct.');

const byCommand = (d: ConductEvent): boolean => 'command' in d.data && d.data.command !== undefined;

/** Folds one event; what is not a conduct event leaves the state as it is. */
export const evolveConduct = (state: ConductState, { document: d, seq }: Recorded): ConductState => {
  if (!isConduct(d)) return state;
  if (d.type === 'writ.conduct.flood-shed.v1') return flooded(state, d);
  const { agent } = d.data;
  return {
    ...state,
    agents: state.agents.set(agent, next(conductOf(state, agent), d, seq)),
    commands: byCommand(d) ? state.commands.add(d.id.split('.')[0]!) : state.commands,
  };
};
