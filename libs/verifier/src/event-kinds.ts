// Tells the families of events apart by their type. No rules.
import type {
  ApprovalEvent,
  AuthorityEvent,
  ConductEvent,
  Intent,
  LedgerDocument,
  OutcomeEvent,
  RegistryEvent,
  StopEvent,
} from '@writ/contracts';
import { isDecision } from '@writ/domain';
import type { DecisionDocument } from './folded/actions.js';
import type { Judged } from './message.js';

export const isRegistry = (d: LedgerDocument): d is RegistryEvent => d.type.startsWith('writ.registry.');
export const isApproval = (d: LedgerDocument): d is ApprovalEvent => d.type.startsWith('writ.approval.');
export const isAuthority = (d: LedgerDocument): d is AuthorityEvent => d.type.startsWith('writ.authority.');
export const isOutcome = (d: LedgerDocument): d is OutcomeEvent => d.type.startsWith('writ.outcome.');
export const isConduct = (d: LedgerDocument): d is ConductEvent => d.type.startsWith('writ.conduct.');
export const isStop = (d: LedgerDocument): d is StopEvent => d.type.startsWith('writ.stop.');
/** A decision on an intent, not on a plan. */
export const isDecisionOn = (d: LedgerDocument): d is DecisionDocument => isDecision(d);

/** The intent that an event embeds, when its signature holds. */
export const intentOf = ({ embedded }: Pick<Judged, 'embedded'>): Intent | undefined => {
  const opened = embedded.get('intent');
  return opened?.ok === true && opened.kind === 'intent' ? (opened.document as Intent) : undefined;
};
