// Verifies a ledger or a plain export: signatures ahead of their turn on all threads, judgement strictly in ledger order.
import type { PublicKeyEntry, Token } from '@writ/contracts';
import type { Distrust } from '@writ/domain';
import { beginAudit } from './audit/audit.js';
import { type Each, type Progress, runAudit } from './audit/run.js';
import { type Preparer, prepareHere } from './frames/preparer.js';
import type { Judged, StoredMessage } from './message.js';
import type { Report } from './report/report.js';
import { knownTree, leafOf, originIn, watchFor } from './seal/ledger-tree.js';
import { judgeSeal } from './seal/seal.js';
import { NO_WITNESSES, type Witnesses } from './seal/witnesses.js';

/**
 * What the auditor holds: the organisation, the root public keys that they pinned (not those that the ledger names) and how many of
 * them must have agreed, the ledger's origin, whose cosignatures count, and checkpoints that came another way (signed notes).
 */
export type Trust = {
  readonly org: Token;
  readonly roots: readonly PublicKeyEntry[];
  readonly threshold?: number | undefined;
  readonly origin?: string | undefined;
  readonly witnesses?: Witnesses | undefined;
  readonly outside?: readonly string[] | undefined;
};

/**
 * `complete`: the messages begin at sequence 1 of the ledger; otherwise nothing before them is known and authority is UNDETERMINED.
 * `checkpoint`: a signed note that must be of these messages.
 */
export type VerifyOptions = Trust & {
  readonly complete: boolean;
  readonly checkpoint?: string | undefined;
  /** What the registry distrusts anywhere (`distrustIn`). */
  readonly distrust?: Distrust | undefined;
  /** Without: signatures on the threads of node:crypto. */
  readonly preparer?: Preparer | undefined;
  /** Hears of every effective event in ledger order, judged but not reported yet; it is waited for. What it hears is believed only with the report. */
  readonly onEvent?: ((event: Judged) => void | Promise<void>) | undefined;
};

/**
 * Verifies every message of a ledger in its order and says what is wrong (invariants 1 to 6, 8 and 11 of ARCHITECTURE §7). The
 * messages must end. Guarantees: nothing is believed but what the auditor holds; whatever the bytes are, it does not throw; memory
 * grows with what exists (keys, intents), not with the frames. An error of `messages` (ExportError) is thrown on. Offline.
 */
export const verifyLedger = async (
  messages: AsyncIterable<StoredMessage>,
  options: VerifyOptions,
  onProgress?: (progress: Progress) => void,
): Promise<Report> => {
  const audit = beginAudit(options);
  const { org, complete, origin: pinned, checkpoint, outside, witnesses = NO_WITNESSES } = options;
  const input = { origin: pinned, checkpoint, outside, witnesses };
  const tree = watchFor(input);
  let origin: string | undefined;
  const each: Each = (prepared, event) => {
    origin ??= originIn(org, prepared);
    if (complete) tree.take(leafOf(prepared));
    return event === undefined ? undefined : options.onEvent?.(event);
  };
  await runAudit(audit, messages, options.preparer ?? prepareHere, each, onProgress);
  const asked = complete || checkpoint !== undefined || outside !== undefined;
  const sealed = asked ? judgeSeal(input, knownTree(tree, origin), audit.registry()) : undefined;
  return audit.finish({ sealed, origin, root: complete ? tree.root : undefined });
};
