// The policy decision point: one signed decision per intent. It executes nothing and issues nothing.
import { type AgentScope, environmentOf, refused, subjects } from '@writ/contracts';
import {
  authorityInitial,
  autonomyOf,
  boundaryFor,
  conductInitial,
  containmentOf,
  type Decision,
  type DecisionState,
  decideIntent,
  decideUndecided,
  decisionInitial,
  evolveAuthority,
  evolveConduct,
  evolveDecision,
  haltsCovering,
  type IntentInput,
  type IntentResult,
  type SweepResult,
} from '@writ/domain';
import {
  type Answer,
  connectPlane,
  createIntake,
  type OpenedLive,
  onlyHaltsOfAuthority,
  openVault,
  type Plane,
  rememberFrames,
  type ServiceStart,
  startTicker,
} from '@writ/runtime';
import { keepPrivate, obligedDigestOf, sortDisclosures } from './disclosures.js';
import { createSweeper } from './sweep.js';

type Decider = (input: IntentInput, state: DecisionState) => Decision<IntentResult | SweepResult>;
type Judge = (message: OpenedLive<'intent'>, decider: Decider) => Promise<Answer>;

/** A rule of the boundary asked for a halt of whoever violates it. */
const haltFor = (plane: Plane, agent: AgentScope): void =>
  plane.bus.publish(subjects.halt('svc-decision', agent), JSON.stringify({ reason: 'boundary violation' }));

/** Without the vault nothing is decided: a decision must not be recorded whose private values are lost. */
const isKept = (plane: Plane, keeping: Promise<void>): Promise<boolean> =>
  keeping.then(
    () => true,
    (error: Error) => {
      plane.log.error({ event: 'vault.failed', error: error.name });
      return false;
    },
  );

/** How long an asker waits for the append, ms. */
const DECIDE_MS = 2_000;

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
  await plane.start();

  const judge: Judge = async (message, decider) => {
    const { document: intent, frame, digest, disclosures } = message;
    const agent = intent.subject.slice('gov.intent.'.length);
    const environment = environmentOf(agent);
    const sorted = sortDisclosures(intent, disclosures);
    if (sorted.kind === 'refused') return sorted;
    const boundary = boundaryFor(plane.registry(), agent)?.boundary;
    if (!(await isKept(plane, keepPrivate(vault, intent, agent, sorted, boundary))))
      return refused('WRIT-DEC-009', 'the vault does not answer');
    const done = await writers.of(environment).submit({
      id: intent.id,
      deadline: performance.now() + DECIDE_MS,
      decide: ({ state }) => {
        const conductNow = conduct.of(environment);
        return decider(
          {
            intent,
            frame,
            digest,
            disclosed: sorted.args.map((d) => d.text),
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
    if (done.kind !== 'done')
      return refused(done.kind === 'indeterminate' ? 'WRIT-LED-002' : 'WRIT-LED-003', done.reason);
    const { result } = done;
    if (result.kind === 'refused' || result.kind === 'not-due')
      return result.kind === 'refused' ? result : undefined;
    if (result.kind === 'decided' && result.verdict.onViolation === 'halt') haltFor(plane, agent);
    if (done.frames.length > 0) return { kind: 'frames', frames: done.frames };
    const stored = await frames.of(result.eventId);
    return stored === undefined
      ? refused('WRIT-DEC-009', 'the decision is being recorded')
      : { kind: 'frames', frames: [stored] };
  };

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
