// Judges one intent: private values into the vault, then the verdict and its record in one append. It answers with what is stored.
import { type AgentScope, environmentOf, refused } from '@writ/contracts';
import {
  type AuthorityState,
  autonomyOf,
  boundaryFor,
  type ConductState,
  containmentOf,
  type Decision,
  type DecisionState,
  haltsCovering,
  type IntentInput,
  type IntentResult,
  type SweepResult,
} from '@writ/domain';
import type { SubmitDone, WriteRefusal } from '@writ/ledger';
import type { Answer, Folded, HaltDemands, OpenedLive, Plane, StoredFrames, WriterPool } from '@writ/runtime';
import {
  keepPrivate,
  obligedDigestOf,
  type PrivateValues,
  type SortedDisclosures,
  sortDisclosures,
} from './disclosures.js';
import type { ReusedIds } from './reused-ids.js';

/** What a judge stands on. */
export type JudgeDeps = {
  readonly plane: Plane;
  readonly vault: PrivateValues;
  readonly conduct: Folded<ConductState>;
  readonly authority: Folded<AuthorityState>;
  readonly writers: WriterPool<DecisionState>;
  readonly frames: StoredFrames;
  readonly halts: Pick<HaltDemands, 'ask'>;
  readonly reusedIds: Pick<ReusedIds, 'report'>;
};

type Result = IntentResult | SweepResult;
export type Decider = (input: IntentInput, state: DecisionState) => Decision<Result>;
export type Judge = (message: OpenedLive<'intent'>, decider: Decider) => Promise<Answer>;

/** How long an asker waits for the append, ms. */
const DECIDE_MS = 2_000;

/** Without the vault nothing is decided: a decision must not be recorded whose private values are lost. */
const isKept = (plane: Plane, keeping: Promise<void>): Promise<boolean> =>
  keeping.then(
    () => true,
    (error: Error) => {
      plane.log.error({ event: 'vault.failed', error: error.name });
      return false;
    },
  );

const inputOf = (
  { plane, conduct, authority }: JudgeDeps,
  message: OpenedLive<'intent'>,
  sorted: SortedDisclosures,
  environment: string,
): IntentInput => {
  const { document: intent, frame, session, digest } = message;
  const conductNow = conduct.of(environment);
  return {
    intent,
    frame,
    session,
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
  };
};

const answerOf = async (
  deps: JudgeDeps,
  agent: AgentScope,
  message: OpenedLive<'intent'>,
  done: SubmitDone<Result>,
): Promise<Answer> => {
  const { result } = done;
  if (result.kind === 'not-due') return undefined;
  if (result.kind === 'refused') {
    if (result.code === 'WRIT-DEC-002') tellReuse(deps, agent, message);
    return result;
  }
  if (result.kind === 'decided' && result.verdict.onViolation === 'halt') deps.halts.ask(agent);
  if (done.frames.length > 0) return { kind: 'frames', frames: done.frames };
  const stored = await deps.frames.of(result.eventId);
  return stored === undefined
    ? refused('WRIT-DEC-009', 'the decision is being recorded')
    : { kind: 'frames', frames: [stored] };
};

/** Somebody signed two different intents under one id: a broken client, or an attempt to have one answered as the other. */
const tellReuse = (
  { plane, writers, reusedIds }: JudgeDeps,
  agent: AgentScope,
  { document: intent, frame, session, digest }: OpenedLive<'intent'>,
): void => {
  plane.metrics.count('intent_ids_reused', 'Intents refused because their id was used for another one.')();
  plane.log.warn({ event: 'intent.id-reused', agent, intentId: intent.id });
  const known = writers.state(environmentOf(agent)).intents.get(intent.id);
  if (known !== undefined && known.digest !== digest)
    reusedIds.report({ agent, intent: frame, session, recorded: known.eventId });
};

const refusalOf = ({ kind, code, reason }: WriteRefusal): Answer =>
  refused(kind === 'indeterminate' ? 'WRIT-LED-002' : code, reason);

/** Judges intents with a decider. What a boundary keeps private is durable in the vault before the decision under it is recorded. */
export const createJudge =
  (deps: JudgeDeps): Judge =>
  async (message, decider) => {
    const { plane, vault, writers } = deps;
    const { document: intent, disclosures } = message;
    const agent = intent.subject.slice('gov.intent.'.length);
    const environment = environmentOf(agent);
    const sorted = sortDisclosures(intent, disclosures);
    if (sorted.kind === 'refused') return sorted;
    const kept = boundaryFor(plane.registry(), agent);
    if (!(await isKept(plane, keepPrivate(vault, intent, agent, sorted, kept?.boundary))))
      return refused('WRIT-DEC-009', 'the vault does not answer');
    const done = await writers.of(environment).submit<Result>({
      id: intent.id,
      deadline: performance.now() + DECIDE_MS,
      decide: ({ state }) => {
        const input = inputOf(deps, message, sorted, environment);
        // Another boundary may disclose less: what it keeps private is not in the vault yet.
        if (boundaryFor(input.registry, agent)?.digest !== kept?.digest)
          return { result: refused('WRIT-DEC-009', 'the boundary has just changed'), events: [] };
        return decider(input, state);
      },
    });
    return done.kind === 'done' ? answerOf(deps, agent, message, done) : refusalOf(done);
  };
