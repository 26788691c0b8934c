// Distrust that reaches back, for a process that folds the ledger once: known from the beginning, and the end of the process when it
// comes later. It judges no event.
import { subjects } from '@writ/contracts';
import { endorses, link, openLedgerFrame } from '@writ/crypto';
import { type Distrust, distrustOf, type PinnedRoots } from '@writ/domain';
import type { Ledger, LedgerEvent, StoredMessage } from '@writ/ledger';
import { RuntimeFault } from '../faults.js';

/** What the registry distrusts as of now: read, and folded until it settles, before the ledger itself is folded. */
export const readDistrust = async (ledger: Pick<Ledger, 'load'>, pinned: PinnedRoots): Promise<Distrust> => {
  const messages: StoredMessage[] = [];
  for await (const message of ledger.load(subjects.ledger('registry', pinned.org), 0)) messages.push(message);
  return distrustOf(pinned, messages, { open: openLedgerFrame, endorses, link });
};

type Declared = { readonly kid: string; readonly from: number };

const declaredBy = ({ document, seq }: LedgerEvent): Declared | undefined => {
  switch (document.type) {
    case 'writ.registry.key-distrusted.v1':
      return document.data.from < seq ? document.data : undefined;
    case 'writ.registry.registrar-appointed.v1': {
      const { revokes: kid, from } = document.data;
      return kid === null || from === null || from >= seq ? undefined : { kid, from };
    }
    default:
      return undefined;
  }
};

/**
 * Throws WRIT-RUN-007 for an effective event that distrusts a key from before its own position, unless that was known from the
 * beginning: what has been folded since rests on a key that never counted, so the process ends, and starts anew without it.
 */
export const refuseLateDistrust = (known: Distrust, event: LedgerEvent): void => {
  const declared = declaredBy(event);
  if (declared === undefined) return;
  const { kid, from } = declared;
  const before = known.get(kid);
  if (before === undefined || before > from) {
    throw new RuntimeFault('WRIT-RUN-007', `key ${kid} from ${from}, declared at ${event.seq}`);
  }
};
