// The policy decision point: one signed decision per intent. It executes nothing and issues nothing.
import { environmentOf, subjects } from '@writ/contracts';
import {
  authorityInitial,
  conductInitial,
  decideIntent,
  decideUndecided,
  decisionInitial,
  evolveAuthority,
  evolveConduct,
  evolveDecision,
} from '@writ/domain';
import {
  connectPlane,
  createIntake,
  onlyHaltsOfAuthority,
  openVault,
  rememberFrames,
  type ServiceStart,
  startTicker,
} from '@writ/runtime';
import { createJudge } from './judge.js';
import { keepReusedIds } from './reused-ids.js';
import { createSweeper } from './sweep.js';
import { keepViolations } from './violations.js';

const SWEEP_EVERY_MS = 30_000;

/** Starts the decision service. Ready once the ledger is folded and the intents of before are swept. */
export const startDecision: ServiceStart = async (context) => {
  const plane = await connectPlane(
    context,
    'decision',
    ['decision', 'conduct', 'authority'],
    onlyHaltsOfAuthority,
  );
  const vault = await openVault(context);
  const conduct = plane.fold('conduct', conductInitial, evolveConduct);
  const authority = plane.fold('authority', authorityInitial, evolveAuthority);
  const writers = plane.writers('decision', decisionInitial, evolveDecision, { answer: 'stored' });
  const frames = rememberFrames(plane, 'decision');
  const halts = keepViolations(plane);
  const reusedIds = keepReusedIds({ plane, conduct, frames });
  await plane.start();
  halts.askMissing();

  const judge = createJudge({ plane, vault, conduct, authority, writers, frames, halts, reusedIds });
  const sweeper = createSweeper(
    plane,
    (message) => judge(message, decideUndecided),
    (agent, id) => writers.state(environmentOf(agent)).intents.has(id),
  );
  await sweeper.sweep();
  const intake = createIntake(plane, {
    kind: 'intent',
    subject: subjects.intent(`${plane.org}.*.*.*`),
    queue: 'decision',
    mayHold: (key, sender) => key.role === 'agent' && sender.kind === 'intent' && key.holder === sender.asker,
    handle: (message) => judge(message, decideIntent),
  });
  const ticker = startTicker(SWEEP_EVERY_MS, plane.log, async () => {
    halts.askMissing();
    reusedIds.reportMissing();
    await sweeper.sweep();
  });
  return {
    stop: async () => {
      await ticker.stop();
      await intake.stop();
      await plane.stop();
      await vault.close();
    },
  };
};
