// An event on its way out, and what every format takes from it. Values are copied, never interpreted.
import type { AnyLedgerEvent, Digest, LedgerDocument, LedgerSeq, Timestamp } from '@writ/contracts';

/** A ledger event as it is exported: position, server time, subject, the signed document, its digest. */
export type ExportedEvent<D = LedgerDocument> = {
  readonly seq: LedgerSeq;
  readonly time: Timestamp;
  readonly subject: string;
  readonly document: D;
  readonly digest: Digest;
};

/** The members that every document has, whatever its type (also of a type that this version does not know). */
export const envelopeOf = (event: ExportedEvent): AnyLedgerEvent => event.document as AnyLedgerEvent;

/** The parts of a type `writ.<family>.<fact>.v<major>`. */
export const typeParts = (event: ExportedEvent): { readonly family: string; readonly fact: string } => {
  const [, family = '', fact = ''] = event.document.type.split('.');
  return { family, fact };
};

/** The agent that an event is about, where there is one. */
export const agentOf = (event: ExportedEvent): string | undefined => {
  const { agent, data } = envelopeOf(event);
  const inner = data['agent'];
  return agent ?? (typeof inner === 'string' ? inner : undefined);
};

/** Server time as milliseconds since 1970. */
export const millisOf = (event: ExportedEvent): number => Date.parse(event.time);

const ALARMS = new Set([
  'authority.halt-engaged',
  'authority.permit-revoked',
  'conduct.flagged',
  'conduct.containment-changed',
  'outcome.contradicted',
  'outcome.unknown',
  'registry.key-distrusted',
  'registry.key-revoked',
  'stop.unconfirmed',
]);
const REFUSALS = new Set([
  'approval.rejected',
  'approval.timed-out',
  'authority.receipt-withheld',
  'decision.denied',
  'decision.plan-rejected',
  'outcome.failed',
]);

/** How loud an event is: an alarm, a refusal or failure, or neither. */
export const weightOf = (event: ExportedEvent): 'alarm' | 'refusal' | 'plain' => {
  const { family, fact } = typeParts(event);
  const name = `${family}.${fact}`;
  if (ALARMS.has(name)) return 'alarm';
  return REFUSALS.has(name) ? 'refusal' : 'plain';
};
