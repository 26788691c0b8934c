// What outcomes add to actions. Who reported and who verified stay apart.
import type { LedgerDocumentOf } from '@writ/contracts';
import { type Change, update } from '../rows/change.js';
import { type Effective, type Handler, intentKey, timeOf } from './recorded.js';

type Reported = Effective<LedgerDocumentOf<'writ.outcome.succeeded.v1' | 'writ.outcome.failed.v1'>>;
type Checked = Effective<LedgerDocumentOf<'writ.outcome.verified.v1' | 'writ.outcome.contradicted.v1'>>;

const reported = (event: Reported, outcome: string): readonly Change[] => [
  update('actions', intentKey(event), {
    outcome,
    outcome_at: timeOf(event),
    outcome_late: event.document.data.late,
    effects: event.document.data.effects,
    reported_by: event.document.data.reportedBy.name,
  }),
];

const checked = (event: Checked, verification: string): readonly Change[] => [
  update('actions', intentKey(event), {
    verification,
    verified_at: timeOf(event),
    verified_by: event.document.data.verifiedBy.name,
  }),
];

export const onOutcome: Handler<'outcome'> = (event) => {
  const { document } = event;
  switch (document.type) {
    case 'writ.outcome.succeeded.v1':
      return reported({ ...event, document }, 'succeeded');
    case 'writ.outcome.failed.v1':
      return reported({ ...event, document }, 'failed');
    case 'writ.outcome.unknown.v1':
      return [
        update('actions', intentKey({ ...event, document }), {
          outcome: 'unknown',
          outcome_at: timeOf(event),
        }),
      ];
    case 'writ.outcome.reconciled.v1':
      return [
        update('actions', intentKey({ ...event, document }), {
          outcome: document.data.status,
          outcome_at: timeOf(event),
          reported_by: 'reconciled',
        }),
      ];
    case 'writ.outcome.verified.v1':
      return checked({ ...event, document }, 'verified');
    case 'writ.outcome.contradicted.v1':
      return checked({ ...event, document }, 'contradicted');
  }
};
