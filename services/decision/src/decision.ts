// The policy decision point: one signed decision per intent. It executes nothing and issues nothing.
import { environmentOf, refused, subjects } from '@writ/contracts';
import {
  authorityInitial,
  autonomyOf,
  boundaryFor,
  conductInitial,
  containmentOf,
  decideIntent,
  decisionInitial,
  evolveAuthority,
  evolveConduct,
  evolveDecision,
  haltsCovering,
} from '@writ/domain';
import {
  type Answer,
  connectPlane,
  createIntake,
  openVault,
  type Received,
  rememberFrames,
  type ServiceStart,
  startTicker,
} from '@writ/runtime';
import { isClear, obligedDigestOf, sortDisclosures } from './disclosures.js';
import { sweepUndecided } from './sweep.js';

/** How long an asker waits for the append, ms. */
const DECIDE_MS = 2_000;

/** Starts the decision service. Ready once the ledger is folded and the intents of before are swept. */
export const startDecision: ServiceStart = async (context) => {
  const plane = await connectPlane(context, 'decision', ['decision', 'conduct', 'authority']);
  const vault = await openVault(context);
  const conduct = plane.fold('conduct', conductInitial, evolveConduct);
  const authority = plane.fold('authority', authorityInitial, evolveAuthority);
  const writers = plane.writers('decision', decisionInitial, evolveDecision, { answer: 'stored' });
  const frames = rememberFrames(plane, 'decision');
  await plane.start();

  const decide = async (message: Received<'intent'>, late: boolean): Promise<Answer> => {
    const { document: intent, frame, digest, disclosures } = message;
    const agent = intent.subject.slice('gov.intent.'.length);
    const environment = environmentOf(agent);
    const sorted = sortDisclosures(intent, disclosures);
    if (sorted.kind === 'refused') return sorted;
    const known = boundaryFor(plane.registry(), agent)?.boundary;
    const clear = sorted.args.filter((d) => isClear(known, d.name));
    const closed = [...sorted.args.filter((d) => !isClear(known, d.name)), ...sorted.others];
    const month = intent.time.slice(0, 7);
    if (closed.length > 0) await vault.put(closed.map((d) => ({ agent, month, digest: d.digest, disclosure: d.text })));
    const done = await writers.of(environment).submit({
      id: intent.id,
      deadline: performance.now() + DECIDE_MS,
      decide: ({ state }) => {
        const current = boundaryFor(plane.registry(), agent)?.boundary;
        const open = clear.filter((d) => isClear(current, d.name));
        const conductNow = conduct.of(environment);
        return decideIntent(
          {
            intent,
            frame,
            digest,
            late,
            clear: Object.fromEntries(open.map((d) => [d.name, d.value])),
            disclosed: open.map((d) => d.text),
            now: plane.timestamp(),
            registry: plane.registry(),
            conduct: {
              containment: (a) => containmentOf(conductNow, a),
              autonomy: (a, fallback) => autonomyOf(conductNow, a, fallback),
            },
            halted: (a, action) => haltsCovering(authority.of(environment), a, action).length > 0,
            obligedDigest: (obligations) => obligedDigestOf(intent, sorted.args, obligations),
          },
          state,
        );
      },
    });
    if (done.kind !== 'done') return refused(done.kind === 'indeterminate' ? 'WRIT-LED-002' : 'WRIT-LED-003', done.reason);
    if (done.result.kind === 'refused') return done.result;
    if (done.frames.length > 0) return { kind: 'frames', frames: done.frames };
    const stored = await frames.of(done.result.eventId);
    return stored === undefined ? refused('WRIT-DEC-009', 'the decision is being recorded') : { kind: 'frames', frames: [stored] };
  };

  const sweeper = await sweepUndecided(plane, decide);
  const intake = createIntake(plane, {
    kind: 'intent',
    subject: subjects.intent(`${plane.org}.>`),
    queue: 'decision',
    mayHold: (key, sender) => key.role === 'agent' && sender.kind === 'intent' && key.holder === sender.asker,
    handle: (message) => decide(message, false),
  });
  const ticker = startTicker(30_000, plane.log, () => sweeper.sweep());
  return {
    stop: async () => {
      await ticker.stop();
      await intake.stop();
      await plane.stop();
      await vault.close();
    },
  };
};
