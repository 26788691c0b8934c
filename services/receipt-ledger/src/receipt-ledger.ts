// The receipt ledger: receipts, outcomes, unknown outcomes. It decides nothing about intents and starts no action.
import { type LiveKind, type ParsedSubject, subjects } from '@writ/contracts';
import {
  approvalInitial,
  authorityInitial,
  evolveApproval,
  evolveAuthority,
  evolveOutcome,
  outcomeInitial,
  type RegistryKey,
} from '@writ/domain';
import {
  connectPlane,
  createIntake,
  openVault,
  rememberFrames,
  type ServiceStart,
  startTicker,
} from '@writ/runtime';
import { createAppendGuard } from './append-guard.js';
import { followDecisions } from './decisions.js';
import { watchLeases } from './lease-watch.js';
import { hearHalts } from './live-halts.js';
import { answerOutcome, answerReconcile, watchUnreported } from './outcomes.js';
import { answerReceipt } from './receipts.js';

const isAsker = (key: RegistryKey, sender: ParsedSubject): boolean =>
  'asker' in sender &&
  key.holder === sender.asker &&
  (key.role === 'agent' || key.role === 'enforcement-point');

/** Starts the receipt ledger. Issues nothing before it has folded the ledger and holds a fresh lease. */
export const startReceiptLedger: ServiceStart = async (context) => {
  const plane = await connectPlane(context, 'receipt-ledger', [
    'decision',
    'approval',
    'authority',
    'outcome',
  ]);
  const vault = await openVault(context);
  const leases = watchLeases(plane);
  const halts = hearHalts(plane);
  const guard = createAppendGuard({ plane, leases, halts });
  const approval = plane.fold('approval', approvalInitial, evolveApproval);
  const authority = plane.writers('authority', authorityInitial, evolveAuthority, {
    guard: guard.allows,
  });
  const outcome = plane.writers('outcome', outcomeInitial, evolveOutcome, { answer: 'stored' });
  const decisions = followDecisions(plane);
  const frames = rememberFrames(plane, 'authority');
  const receipts = { plane, authority, outcome, approval, decisions, frames, leases, halts, guard };
  const outcomes = { plane, authority, outcome, frames: rememberFrames(plane, 'outcome'), vault };
  const unreported = watchUnreported(outcomes);
  await plane.start();

  const org = `${plane.org}.*.*.*`;
  const ask = { queue: 'receipt-ledger', mayHold: isAsker };
  const intakes = [
    createIntake<'receipt-request'>(plane, {
      ...ask,
      kind: 'receipt-request',
      subject: subjects.receipt(org),
      handle: (m) => answerReceipt(receipts, m),
    }),
    createIntake<'outcome-report'>(plane, {
      ...ask,
      kind: 'outcome-report',
      subject: subjects.outcome(org),
      handle: (m) => answerOutcome(outcomes, m),
    }),
    createIntake<'command'>(plane, {
      kind: 'command' satisfies LiveKind,
      subject: subjects.command('receipt-ledger', plane.org, '*'),
      queue: 'receipt-ledger',
      mayHold: (key, sender) =>
        key.role === 'person' && sender.kind === 'command' && key.holder === sender.person,
      handle: (m) => answerReconcile(outcomes, m),
    }),
  ];
  const ticker = startTicker(1_000, plane.log, () => unreported.sweep());
  return {
    stop: async () => {
      await ticker.stop();
      await Promise.all(intakes.map((intake) => intake.stop()));
      leases.stop();
      halts.stop();
      await plane.stop();
      await vault.close();
    },
  };
};
