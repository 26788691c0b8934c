// Which live frames an event embeds, by field name. Says where they are; verifies nothing.
import type { Frame, LedgerDocument, LiveKind } from '@writ/contracts';

/** An embedded frame: `name` is its field, `commands.0` for one of several; `session` the certificate of a session key. */
export type Embedded = {
  readonly name: string;
  readonly kind: LiveKind;
  readonly frame: Frame;
  readonly session?: Frame | undefined;
};

const one = (name: string, kind: LiveKind, frame: Frame | undefined, session?: Frame): readonly Embedded[] =>
  frame === undefined ? [] : [{ name, kind, frame, session }];

/** The frames that an event embeds and that the verifier opens again. */
export const embeddedIn = (document: LedgerDocument): readonly Embedded[] => {
  switch (document.type) {
    case 'writ.decision.permitted.v1':
    case 'writ.decision.denied.v1':
    case 'writ.decision.escalated.v1':
      return one('intent', 'intent', document.data.intent, document.data.session);
    case 'writ.authority.receipt-issued.v1':
    case 'writ.authority.receipt-withheld.v1':
      return one('request', 'receipt-request', document.data.request, document.data.session);
    case 'writ.authority.halt-released.v1':
      return document.data.commands.map((frame, n) => ({ name: `commands.${n}`, kind: 'command', frame }));
    case 'writ.outcome.succeeded.v1':
    case 'writ.outcome.failed.v1':
    case 'writ.outcome.verified.v1':
    case 'writ.outcome.contradicted.v1':
      return one('report', 'outcome-report', document.data.report, document.data.session);
    case 'writ.approval.voted.v1':
      return one('vote', 'vote', document.data.vote);
    case 'writ.conduct.flagged.v1':
      return one('intent', 'intent', document.data.intent, document.data.session);
    case 'writ.conduct.flood-shed.v1':
      return one('report', 'conduct-report', document.data.report);
    case 'writ.stop.acknowledged.v1':
      return one('ack', 'ack', document.data.ack, document.data.session);
    case 'writ.stop.state-preserved.v1':
    case 'writ.stop.state-restored.v1':
      return one('request', 'preserve-request', document.data.request, document.data.session);
    default:
      return 'command' in document.data ? one('command', 'command', document.data.command) : [];
  }
};
