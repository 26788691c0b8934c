// An agent under the eyes of the detectors: decisions are recorded, findings flagged, as the service does it.
import {
  conductInitial,
  containmentOf,
  decideFlag,
  detect,
  evolveConduct,
  historyInitial,
  observe,
} from '../src/conduct/index.js';
import type { Draft, Recorded } from '../src/recorded.js';
import { AGENT, at, escalated, following, frameOf, intentData, live, nothing, uuid } from './recording.js';

/** What an agent does; a delete that cannot be undone unless told otherwise. */
export type Act = {
  agent?: string;
  operation?: string;
  resource?: string;
  reversibility?: 'reversible' | 'partially' | 'irreversible';
  verdict?: 'permitted' | 'denied' | 'escalated';
  containment?: 'none' | 'gate';
};

/** The decision on what an agent does, as a draft. */
export const decisionOf = (n: number, act: Act = {}): Draft => {
  const { agent = AGENT, operation = 'delete', resource = `db:shop/orders/${n}` } = act;
  const { reversibility = 'irreversible', verdict = 'permitted', containment = 'none' } = act;
  const action = { tool: 'sql', operation, resource, args: nothing };
  const { gate, lowRisk, ...base } = escalated(n, {
    ...{ agent, reversibility, intent: frameOf(live('intent', uuid(n), intentData({ action }))) },
  });
  const data = { ...base, inputs: { ...base.inputs, containment } };
  const causes = { agent, causationid: uuid(n), correlationid: uuid(n) };
  return {
    ...{ id: `${uuid(n)}.decision.0`, type: `writ.decision.${verdict}.v1` as const, ...causes },
    data: verdict === 'escalated' ? { ...data, gate, lowRisk } : data,
  };
};

/** Both folds over one ledger, and a detector that looks after every decision, as the service does. */
export const watching = () => {
  const start = { history: historyInitial, conduct: conductInitial };
  const ledger = following(start, (s, rec: Recorded) => ({
    history: observe(s.history, rec),
    conduct: evolveConduct(s.conduct, rec),
  }));
  let n = 1;
  const look = (agent: string, ms: number) =>
    detect(ledger.state.history, ledger.state.conduct, agent).flatMap((finding) => {
      const { events } = decideFlag({ finding, now: at(ms) }, ledger.state.conduct);
      ledger.tell(events, ms);
      return events;
    });
  const act = (ms: number, what: Act = {}): readonly Draft[] => {
    n += 1;
    ledger.tell([decisionOf(n, what)], ms);
    return look(what.agent ?? AGENT, ms);
  };
  return {
    ...{ ledger, act, look },
    last: () => n,
    level: (agent = AGENT) => containmentOf(ledger.state.conduct, agent),
    tell: (drafts: readonly Draft[], ms: number) => ledger.tell(drafts, ms),
  };
};

/** Deletes, 400 ms apart. */
export const burst = (world: ReturnType<typeof watching>, ms: number, count = 8) =>
  Array.from({ length: count }, (_, i) => world.act(ms + i * 400)).flat();

/** The flags among drafts. */
export const flagsIn = (drafts: readonly Draft[]) =>
  drafts.filter((d) => d.type === 'writ.conduct.flagged.v1');
