// Rows of flags, and containment and autonomy of agents.
import { type Change, insert, upsert } from '../rows/change.js';
import { type Effective, type EventOf, type Handler, timeOf } from './recorded.js';

type Conduct = Effective<EventOf<'conduct'>>;

const flagged = (event: Conduct): readonly Change[] => {
  const { document } = event;
  if (document.type !== 'writ.conduct.flagged.v1') return [];
  const { data } = document;
  return [
    insert(
      'flags',
      { seq: event.seq },
      {
        agent: data.agent,
        detector: data.detector,
        observed: data.observed,
        threshold: data.threshold,
        window_seconds: data.windowSeconds,
        codes: data.codes,
        event_id: document.id,
        flagged_at: timeOf(event),
      },
    ),
  ];
};

export const onConduct: Handler<'conduct'> = (event) => {
  const { document } = event;
  switch (document.type) {
    case 'writ.conduct.flagged.v1':
      return flagged(event);
    case 'writ.conduct.containment-changed.v1':
      return [upsert('agents', { scope: document.data.agent }, { containment: document.data.to })];
    case 'writ.conduct.autonomy-promoted.v1':
    case 'writ.conduct.autonomy-demoted.v1':
      return [upsert('agents', { scope: document.data.agent }, { autonomy: document.data.to })];
    case 'writ.conduct.benchmark-recorded.v1':
    case 'writ.conduct.flood-shed.v1':
      return [];
  }
};
