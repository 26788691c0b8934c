// Rows of halts, and what receipts add to actions. Order between them is the ledger's; nothing is judged here.
import type { HaltInForce, LedgerDocumentOf } from '@writ/contracts';
import { instant } from '../database/values.js';
import { type Change, insert, update, upsert } from '../rows/change.js';
import { type Effective, type Handler, intentKey, scopeOf, timeOf } from './recorded.js';

type Of<T extends Parameters<typeof onAuthority>[0]['document']['type']> = Effective<LedgerDocumentOf<T>>;

const issued = (event: Of<'writ.authority.receipt-issued.v1'>): readonly Change[] => [
  update('actions', intentKey(event), {
    receipt_id: event.document.id,
    receipt_seq: event.seq,
    receipt_issued_at: timeOf(event),
    receipt_expires_at: instant(event.document.data.when.expires),
    audience: event.document.data.audience.name,
    via: event.document.data.who.via,
  }),
];

const withheld = (event: Of<'writ.authority.receipt-withheld.v1'>): readonly Change[] => [
  update('actions', intentKey(event), {
    withheld_at: timeOf(event),
    withheld_codes: event.document.data.codes,
  }),
];

const engaged = (event: Of<'writ.authority.halt-engaged.v1'>): readonly Change[] => {
  const { id, data } = event.document;
  return [
    insert(
      'halts',
      { environment: scopeOf(event), halt_id: data.halt },
      {
        scope: data.scope,
        tool: data.tool ?? null,
        person: data.person,
        cause: data.cause,
        event_id: id,
        engaged_at: timeOf(event),
        engaged_seq: event.seq,
      },
    ),
  ];
};

const released = (event: Of<'writ.authority.halt-released.v1'>): readonly Change[] =>
  event.document.data.halts.map((halt) =>
    update(
      'halts',
      { environment: scopeOf(event), halt_id: halt },
      { released_at: timeOf(event), released_seq: event.seq, released_by: event.document.data.by },
    ),
  );

const inherited = (event: Effective<unknown>, halt: HaltInForce): Change =>
  insert(
    'halts',
    { environment: scopeOf(event), halt_id: halt.id },
    {
      scope: halt.scope,
      tool: halt.tool ?? null,
      person: halt.person,
      event_id: halt.event,
      engaged_at: instant(halt.engagedAt),
      engaged_seq: event.seq,
    },
  );

const opened = (event: Of<'writ.authority.environment-opened.v1'>): readonly Change[] => [
  upsert('environments', { environment: scopeOf(event) }, { opened_at: timeOf(event) }),
  ...event.document.data.haltsInForce.map((halt) => inherited(event, halt)),
];

export const onAuthority: Handler<'authority'> = (event) => {
  const { document } = event;
  switch (document.type) {
    case 'writ.authority.environment-opened.v1':
      return opened({ ...event, document });
    case 'writ.authority.receipt-issued.v1':
      return issued({ ...event, document });
    case 'writ.authority.receipt-withheld.v1':
      return withheld({ ...event, document });
    case 'writ.authority.halt-engaged.v1':
      return engaged({ ...event, document });
    case 'writ.authority.halt-released.v1':
      return released({ ...event, document });
    case 'writ.authority.permit-revoked.v1':
      return [update('actions', intentKey({ ...event, document }), { revoked_at: timeOf(event) })];
  }
};
