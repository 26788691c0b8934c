// Rows of gates and votes, and the gate's state beside its action.
import type { LedgerDocumentOf } from '@writ/contracts';
import { instant } from '../database/values.js';
import { type Change, insert, update } from '../rows/change.js';
import { type Effective, type EventOf, type Handler, intentKey, timeOf } from './recorded.js';

type Approval = Effective<EventOf<'approval'>>;
type Fields = Parameters<typeof update<'gates'>>[2];

const moved = (event: Approval, status: string, set: Fields): readonly Change[] => [
  update('gates', intentKey(event), { status, ...set }),
  update('actions', intentKey(event), { gate_status: status }),
];

const decided = (event: Approval, status: string, set: Fields): readonly Change[] =>
  moved(event, status, { decided_at: timeOf(event), remaining_ms: null, ...set });

const opened = (event: Effective<LedgerDocumentOf<'writ.approval.gate-opened.v1'>>): readonly Change[] => {
  const { data } = event.document;
  return [
    insert('gates', intentKey(event), {
      name: data.gate.name,
      digest: data.gate.digest,
      status: 'open',
      quorum: data.quorum,
      approvers: data.approvers,
      excluded: data.excluded,
      fallback: data.fallback,
      deadline: instant(data.deadline),
      opened_at: timeOf(event),
      opened_seq: event.seq,
    }),
    update('actions', intentKey(event), { gate_status: 'open', gate_name: data.gate.name }),
  ];
};

const voted = (event: Effective<LedgerDocumentOf<'writ.approval.voted.v1'>>): Change =>
  insert(
    'votes',
    { ...intentKey(event), person: event.document.data.person },
    {
      choice: event.document.data.choice,
      event_id: event.document.id,
      voted_at: timeOf(event),
      seq: event.seq,
    },
  );

export const onApproval: Handler<'approval'> = (event) => {
  const { document } = event;
  switch (document.type) {
    case 'writ.approval.gate-opened.v1':
      return opened({ ...event, document });
    case 'writ.approval.voted.v1':
      return [voted({ ...event, document })];
    case 'writ.approval.stage-escalated.v1':
      return moved(event, 'open', { stage: document.data.stage, deadline: instant(document.data.deadline) });
    case 'writ.approval.granted.v1':
      return decided(event, 'granted', {
        decided_by: document.data.by,
        until: instant(document.data.until),
      });
    case 'writ.approval.rejected.v1':
      return decided(event, 'rejected', { decided_by: document.data.by });
    case 'writ.approval.timed-out.v1':
      return decided(event, document.data.fallback === 'allow' ? 'timed-out-allowed' : 'timed-out-denied', {
        until: instant(document.data.until),
      });
    case 'writ.approval.overridden.v1':
      return decided(event, document.data.effect === 'force' ? 'forced' : 'blocked', {
        decided_by: [document.data.person],
        until: instant(document.data.until),
      });
    case 'writ.approval.frozen.v1':
      return moved(event, 'frozen', { remaining_ms: document.data.remainingMs });
    case 'writ.approval.thawed.v1':
      return moved(event, 'open', { remaining_ms: null, deadline: instant(document.data.deadline) });
  }
};
