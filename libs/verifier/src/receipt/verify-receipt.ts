// Verifies a portable receipt: every message in the checkpoint's tree, every signature under a key that is shown, the action against itself.
import type { Family } from '@writ/contracts';
import { type Checkpoint, ledgerLeafHash, verifyInclusion } from '@writ/crypto';
import { beginAudit, type RunningAudit } from '../audit/audit.js';
import { runAudit } from '../audit/run.js';
import type { VerifierCode } from '../codes.js';
import type { Prepared } from '../frames/prepare.js';
import { prepareHere } from '../frames/preparer.js';
import type { Part } from '../partial/scope.js';
import type { FindingVerdict, Report } from '../report/report.js';
import { originIn } from '../seal/ledger-tree.js';
import { readSignedCheckpoint } from '../seal/notes.js';
import { judgeSeal } from '../seal/seal.js';
import { NO_WITNESSES } from '../seal/witnesses.js';
import type { Trust } from '../verify-ledger.js';
import { type PortableReceipt, type ProvedMessage, readReceipt } from './receipt-format.js';

/** What a receipt does not show, in words. */
const NOT_SHOWN = [
  'one action as it was recorded: not halts, counters, or what its maker left out',
  'for these ask for a bundle of the agent',
] as const;

/** What depends on the rest of the ledger: no receipt shows it either way. */
const BEYOND: ReadonlySet<VerifierCode> = new Set<VerifierCode>([
  'WRIT-VER-114',
  'WRIT-VER-115',
  'WRIT-VER-117',
  'WRIT-VER-121',
  'WRIT-VER-122',
  'WRIT-VER-182',
  'WRIT-VER-183',
  'WRIT-VER-184',
  'WRIT-VER-189',
]);

const PART: Part = {
  whole: () => false,
  bridges: 'any',
  agents: 'bridged',
  judges: (family: Family) => family !== 'registry',
  // Who else may vote is listed when the gate opens; only those who voted are shown.
  beyond: (code, type) =>
    BEYOND.has(code) || (code === 'WRIT-VER-152' && type === 'writ.approval.gate-opened.v1'),
  softens: false,
};

const add = (
  audit: RunningAudit,
  code: VerifierCode,
  reason: string,
  verdict: FindingVerdict = 'INVALID',
): void => audit.add({ seq: 0, subject: '', id: '', code, reason, verdict });

async function* each(messages: readonly ProvedMessage[]): AsyncGenerator<ProvedMessage, void, undefined> {
  yield* messages;
}

const isProved = (message: ProvedMessage, { size, root }: Checkpoint): boolean =>
  verifyInclusion({ leaf: ledgerLeafHash(message), index: message.seq - 1, size, root }, message.proof);

/** Whether a frame of the receipt says that this intent was decided, or had its receipt. */
const intentIn = ({
  opened,
}: Prepared): { readonly type: unknown; readonly intentId: unknown } | undefined => {
  if (!opened.ok) return undefined;
  const { type, data } = opened.document;
  const { intentId, intent } = data as { intentId?: unknown; intent?: { signed?: { id?: unknown } } };
  return { type, intentId: intentId ?? intent?.signed?.id };
};

type Shown = { decision: boolean; receipt: boolean; unopened: number };

const note = (shown: Shown, prepared: Prepared, intentId: string): void => {
  if (!prepared.opened.ok) shown.unopened += 1;
  const about = intentIn(prepared);
  if (about?.intentId !== intentId) return;
  const type = String(about.type);
  if (type.startsWith('writ.decision.')) shown.decision = true;
  if (type === 'writ.authority.receipt-issued.v1') shown.receipt = true;
};

const addShown = (audit: RunningAudit, shown: Shown): void => {
  if (shown.unopened > 0) {
    add(audit, 'WRIT-VER-105', `${shown.unopened} of its frames do not verify under a key that it shows`);
  }
  if (!shown.decision) add(audit, 'WRIT-VER-231', 'no decision on this intent', 'UNDETERMINED');
  if (!shown.receipt) add(audit, 'WRIT-VER-231', 'no receipt for this intent', 'UNDETERMINED');
};

const verifyOpened = async (receipt: PortableReceipt, trust: Trust): Promise<Report> => {
  const { org, roots, threshold, witnesses = NO_WITNESSES, outside, origin: pinned } = trust;
  const audit = beginAudit({ org, roots, threshold, complete: true, part: PART });
  const checkpoint = readSignedCheckpoint(receipt.checkpoint)?.checkpoint;
  const unproved = checkpoint && receipt.messages.find((message) => !isProved(message, checkpoint));
  if (unproved) add(audit, 'WRIT-VER-224', `message ${unproved.seq} is not shown to be in the tree`);
  if (receipt.org !== org) add(audit, 'WRIT-VER-204', `it is of ${receipt.org}`);
  let origin: string | undefined;
  const shown: Shown = { decision: false, receipt: false, unopened: 0 };
  await runAudit(audit, each(receipt.messages), prepareHere, (prepared) => {
    origin ??= originIn(org, prepared);
    note(shown, prepared, receipt.intentId);
  });
  addShown(audit, shown);
  if (origin !== receipt.origin)
    add(audit, 'WRIT-VER-204', `its first message is not that of ${receipt.origin}`);
  const size = checkpoint?.size ?? 0;
  const at = (wanted: number) =>
    checkpoint !== undefined && unproved === undefined && wanted === size
      ? { root: checkpoint.root, time: '' }
      : undefined;
  const tree = { origin, size, at, headsRoot: () => undefined, headsShown: true };
  const input = { origin: pinned, checkpoint: receipt.checkpoint, outside, witnesses };
  const sealed = judgeSeal(input, tree, audit.registry());
  const query = { kind: 'receipt', intentId: receipt.intentId } as const;
  const bundle = {
    kind: 'receipt',
    query,
    by: null,
    createdAt: null,
    disclosures: 0,
    commitments: null,
    notShown: NOT_SHOWN,
  } as const;
  const report = audit.finish({ sealed, origin, bundle });
  return report.seal === null ? report : { ...report, seal: { ...report.seal, heads: 'none' } };
};

/** Verifies a portable receipt against what the auditor holds; `undefined` when the text is none. Total, offline. */
export const verifyReceipt = async (text: string, trust: Trust): Promise<Report | undefined> => {
  const receipt = readReceipt(text);
  return receipt === undefined ? undefined : verifyOpened(receipt, trust);
};
