// Rows of what followed a halt: acknowledgements, agents not heard of, preserved state.
import type { LedgerDocumentOf } from '@writ/contracts';
import { instant } from '../database/values.js';
import { type Change, insert, remove, update, upsert } from '../rows/change.js';
import { type Effective, type Handler, scopeOf, timeOf } from './recorded.js';

type Of<T extends Parameters<typeof onStop>[0]['document']['type']> = Effective<LedgerDocumentOf<T>>;

const acknowledged = (event: Of<'writ.stop.acknowledged.v1'>): readonly Change[] => {
  const { agent, halts, state, aborted, heardAt } = event.document.data;
  return halts.flatMap((halt) => {
    const key = { environment: scopeOf(event), halt_id: halt, agent };
    const row = { state, aborted, heard_at: instant(heardAt), recorded_at: timeOf(event), seq: event.seq };
    return [upsert('acknowledgements', key, row), remove('unconfirmed', key)];
  });
};

const unconfirmed = (event: Of<'writ.stop.unconfirmed.v1'>): readonly Change[] =>
  event.document.data.halts.flatMap((halt) =>
    event.document.data.agents.map((agent) =>
      upsert(
        'unconfirmed',
        { environment: scopeOf(event), halt_id: halt, agent },
        { recorded_at: timeOf(event) },
      ),
    ),
  );

const preserved = (event: Of<'writ.stop.state-preserved.v1'>): Change =>
  insert(
    'preserved',
    { agent: event.document.data.agent, event_id: event.document.id },
    {
      digest: event.document.data.digest,
      bytes: event.document.data.bytes,
      preserved_at: timeOf(event),
    },
  );

const restored = (event: Of<'writ.stop.state-restored.v1'>): Change =>
  update(
    'preserved',
    { agent: event.document.data.agent, event_id: event.document.data.preserved },
    { restored_at: timeOf(event) },
  );

export const onStop: Handler<'stop'> = (event) => {
  const { document } = event;
  switch (document.type) {
    case 'writ.stop.acknowledged.v1':
      return acknowledged({ ...event, document });
    case 'writ.stop.unconfirmed.v1':
      return unconfirmed({ ...event, document });
    case 'writ.stop.state-preserved.v1':
      return [preserved({ ...event, document })];
    case 'writ.stop.state-restored.v1':
      return [restored({ ...event, document })];
    case 'writ.stop.drill-finished.v1':
      return [];
  }
};
