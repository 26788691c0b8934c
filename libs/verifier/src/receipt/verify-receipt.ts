// Verifies a portable receipt: every message in the checkpoint's tree, every signature under a key that is shown, the action against itself.
import type { Family } from '@writ/contracts';
import { type Checkpoint, ledgerLeafHash, verifyInclusion } from '@writ/crypto';
import type { Distrust } from '@writ/domain';
import { beginAudit, type RunningAudit } from '../audit/audit.js';
import { runAudit } from '../audit/run.js';
import type { VerifierCode } from '../codes.js';
import { intentOf, isDecisionOn } from '../event-kinds.js';
import type { Prepared } from '../frames/prepare.js';
import { prepareHere } from '../frames/preparer.js';
import type { Judged } from '../message.js';
import type { Part } from '../partial/scope.js';
import { distrustDeclared, judgeSettled } from '../record/distrust.js';
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

/** What a receipt lets be concluded. */
export const RECEIPT_PART: Part = {
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

type Shown = { decision: boolean; receipt: boolean; unopened: number };

/** Only what counts shows anything: an event that admission took, not a frame that says so. */
const note = (shown: Shown, { opened }: Prepared, event: Judged | undefined, intentId: string): void => {
  if (!opened.ok) shown.unopened += 1;
  if (event === undefined) return;
  const { document } = event;
  if (isDecisionOn(document) && intentOf(event)?.id === intentId) shown.decision = true;
  if (document.type !== 'writ.authority.receipt-issued.v1') return;
  if (document.data.intentId === intentId) shown.receipt = true;
};

const addShown = (audit: RunningAudit, shown: Shown): void => {
  const junk = audit.junk() - shown.unopened;
  if (shown.unopened > 0) {
    add(audit, 'WRIT-VER-105', `${shown.unopened} of its frames do not verify under a key that it shows`);
  }
  if (junk > 0) add(audit, 'WRIT-VER-227', `${junk} of its messages count for nothing`);
  if (!shown.decision) add(audit, 'WRIT-VER-231', 'no decision on this intent', 'UNDETERMINED');
  if (!shown.receipt) add(audit, 'WRIT-VER-231', 'no receipt for this intent', 'UNDETERMINED');
};

type JudgedReceipt = { readonly report: Report; readonly declared: Distrust };

const verifyOpened = async (
  receipt: PortableReceipt,
  trust: Trust,
  distrust: Distrust,
  settled: boolean,
): Promise<JudgedReceipt> => {
  const { org, roots, threshold, witnesses = NO_WITNESSES, outside, origin: pinned } = trust;
  const audit = beginAudit({ org, roots, threshold, complete: true, part: RECEIPT_PART, distrust });
  if (!settled) add(audit, 'WRIT-VER-231', 'which of its keys are distrusted does not settle');
  const checkpoint = readSignedCheckpoint(receipt.checkpoint)?.checkpoint;
  const unproved = checkpoint && receipt.messages.find((message) => !isProved(message, checkpoint));
  if (unproved) add(audit, 'WRIT-VER-224', `message ${unproved.seq} is not shown to be in the tree`);
  if (receipt.org !== org) add(audit, 'WRIT-VER-204', `it is of ${receipt.org}`);
  let origin: string | undefined;
  const shown: Shown = { decision: false, receipt: false, unopened: 0 };
  await runAudit(audit, each(receipt.messages), prepareHere, (prepared, event) => {
    origin ??= originIn(org, prepared);
    note(shown, prepared, event, receipt.intentId);
  });
  addShown(audit, shown);
  if (origin !== receipt.origin)
    add(audit, 'WRIT-VER-204', `its first message is not that of ${receipt.origin}`);
  const size = checkpoint?.size ?? 0;
  const at = (wanted: number) =>
    checkpoint !== undefined && unproved === undefined && wanted === size
      ? { root: checkpoint.root, time: '' }
      : undefined;
  const tree = { origin, size, at, headsShown: true };
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
  const declared = distrustDeclared(audit.registry());
  if (report.seal === null) return { report, declared };
  return { report: { ...report, seal: { ...report.seal, heads: 'none' } }, declared };
};

/** Verifies a portable receipt against what the auditor holds; `undefined` when the text is none. Total, offline. */
export const verifyReceipt = async (text: string, trust: Trust): Promise<Report | undefined> => {
  const receipt = readReceipt(text);
  if (receipt === undefined) return undefined;
  const judged = await judgeSettled((distrust, settled) => verifyOpened(receipt, trust, distrust, settled));
  return judged.report;
};
