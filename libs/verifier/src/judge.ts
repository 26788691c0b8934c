// Which invariants look at which event. Reads like ARCHITECTURE §7; the invariants themselves stand in `invariants/`.

import {
  intentOf,
  isApproval,
  isConduct,
  isDecisionOn,
  isOutcome,
  isRegistry,
  isStop,
} from './event-kinds.js';
import { type Environment, environmentIn, type View } from './folded/view.js';
import { conductFlaws, stopFlaws } from './invariants/conduct-and-stop.js';
import { derivedAgainFlaws } from './invariants/decisions-derived-again.js';
import type { Flaw } from './invariants/flaw.js';
import { haltFlaws, releaseFlaws, revocationFlaws } from './invariants/no-receipt-after-halt.js';
import { oneDecisionFlaws } from './invariants/one-decision-per-intent.js';
import { oneReceiptFlaws, outcomeFlaws, withheldFlaws } from './invariants/one-receipt-one-outcome.js';
import { groundsFlaws } from './invariants/receipt-has-grounds.js';
import { distrustFlaws, registryChangeFlaws } from './invariants/registry-changes.js';
import { approvalFlaws } from './invariants/votes-decide-once.js';
import type { Judged } from './message.js';

const authorityFlaws = (view: View, environment: Environment, event: Judged): readonly Flaw[] => {
  const { document } = event;
  switch (document.type) {
    case 'writ.authority.receipt-issued.v1': {
      const receipt = { ...event, document };
      const alone = oneReceiptFlaws(view, receipt);
      const second = view.actions.of(document.data.intentId).receipt !== undefined;
      const grounds = second ? [] : groundsFlaws(view, environment, receipt);
      return [...alone, ...haltFlaws(environment, receipt), ...grounds];
    }
    case 'writ.authority.receipt-withheld.v1':
      return withheldFlaws(view, { ...event, document });
    case 'writ.authority.halt-released.v1':
      return releaseFlaws(view, { ...event, document });
    case 'writ.authority.permit-revoked.v1':
      return revocationFlaws(view, { ...event, document });
    default:
      return [];
  }
};

/** The flaws of one event against the ledger before it. Pure over `view`. */
export const judge = (view: View, event: Judged): readonly Flaw[] => {
  const { document } = event;
  if (isRegistry(document)) {
    const change = { ...event, document };
    return [...registryChangeFlaws(view, change), ...distrustFlaws(view, change)];
  }
  const environment = environmentIn(view, event.scope);
  if (isDecisionOn(document)) {
    const decision = { ...event, document };
    const derived = derivedAgainFlaws(view, environment, decision, intentOf(event));
    return [...oneDecisionFlaws(view, decision), ...derived];
  }
  if (isApproval(document)) return approvalFlaws(view, environment, { ...event, document });
  if (isOutcome(document)) {
    const action = view.actions.of(document.data.intentId);
    return outcomeFlaws(view, { ...event, document }, action);
  }
  if (isConduct(document)) return conductFlaws(view, { ...event, document });
  if (isStop(document)) return stopFlaws(view, { ...event, document });
  return authorityFlaws(view, environment, event);
};
