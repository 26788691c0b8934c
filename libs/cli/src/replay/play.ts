// Owns sending the calls of one run through the plane, in recorded order, one after the other. It executes nothing: what a tool
// answered was recorded. It keeps no arguments.
import type { Authorisation, IntentInput, WritClient } from '@writ/client';
import type { Code, Timestamp } from '@writ/contracts';
import { CliFault, fault } from '../fault.js';
import { resourceOf } from './documents.js';
import type { PlayedCall, PlayedVerdict } from './played.js';
import type { RecordedCall, RecordedRun } from './transcript.js';

/** What holds for every call of a replay. `boundary`: digest of what must be in force; `disclosed`: the arguments that it opens. */
export type PlayRules = {
  readonly boundary: string;
  readonly disclosed: readonly string[];
  readonly asOf: Timestamp | undefined;
  readonly isConsequential: (tool: string) => boolean;
  readonly onCall: (call: PlayedCall) => void;
  readonly signal: AbortSignal;
};

/** What the tool's error was when it was recorded, as the code that the outcome reports. */
class RecordedFailure extends Error {
  readonly code = 'recorded-failure';
}

const ATTEMPTS = 5;
const PAUSE_MS = 200;

/** Refusals that time cures: a service folds, restarts or is busy. Nothing has been decided or executed. */
const PASSING: readonly Code[] = [
  'WRIT-FRM-005',
  'WRIT-FRM-011',
  'WRIT-DEC-009',
  'WRIT-LED-002',
  'WRIT-LED-007',
  'WRIT-LED-009',
  'WRIT-ENF-002',
  'WRIT-ENF-003',
  'WRIT-ENF-008',
  'WRIT-RCP-001',
  'WRIT-RCP-008',
  'WRIT-RCP-013',
  'WRIT-RCP-015',
];

/** Refusals of a call as such: no decision is recorded, and nothing could ever be executed on it. */
const UNFIT: readonly Code[] = [
  'WRIT-FRM-002',
  'WRIT-FRM-004',
  'WRIT-FRM-009',
  'WRIT-FRM-012',
  'WRIT-FRM-013',
];

/** Plays one run. Ends early, between two calls, when the signal is aborted. Throws CliFault when the plane gives no decision. */
export async function playRun(writ: WritClient, run: RecordedRun, rules: PlayRules): Promise<void> {
  for (const call of run.calls) {
    if (rules.signal.aborted) return;
    const decided = isTooLarge(call, rules)
      ? TOO_LARGE
      : await decide(writ, intentOf(call, rules), rules.signal);
    const rest =
      decided.kind === 'permitted' && call.outcome !== 'none'
        ? await perform(writ, decided, call, rules)
        : {};
    rules.onCall({
      ...factsOf(run, call, rules),
      ...verdictOf(decided, rules),
      decisionMs: decided.ms,
      ...rest,
    });
  }
}

/** The mapping from a recorded call to an intent; documented in docs/examples/airline/README.md. */
export function intentOf(call: RecordedCall, { asOf }: Pick<PlayRules, 'asOf'>): IntentInput {
  const { tool, args, context } = call;
  return {
    action: { tool, operation: tool, resource: resourceOf(tool), args },
    reasoning: { goal: 'replay of a recorded call', contextDigest: context },
    evidence: asOf === undefined ? [] : [{ source: 'business-clock', observedAt: asOf, value: {} }],
  };
}

function factsOf(run: RecordedRun, call: RecordedCall, { isConsequential }: PlayRules) {
  const consequential = isConsequential(call.tool);
  const judged = consequential && run.truth !== undefined;
  return {
    ...{ run: run.index, taskId: run.taskId, trial: run.trial, step: call.step, tool: call.tool },
    ...{ recorded: call.outcome, consequential, correct: judged ? run.truth.has(call.identity) : null },
  };
}

type Answered = Exclude<Authorisation, { readonly kind: 'refused' }>;
type Unfit = { readonly kind: 'unfit'; readonly code: Code };
type Decided = (Answered | Unfit) & { readonly ms: number };

const TOO_LARGE: Decided = { kind: 'unfit', code: 'WRIT-FRM-002', ms: 0 };
/** What a decision event (48 KiB with the intent in it) can disclose, and what one message on the bus (1 MiB) can carry; characters. */
const MOST = { disclosed: 22 * 1024, sent: 500 * 1024 } as const;

function isTooLarge({ args }: RecordedCall, { disclosed }: PlayRules): boolean {
  const size = (members: readonly (readonly [string, unknown])[]) =>
    Buffer.byteLength(JSON.stringify(members));
  const all = Object.entries(args);
  return size(all) > MOST.sent || size(all.filter(([name]) => disclosed.includes(name))) > MOST.disclosed;
}

async function decide(writ: WritClient, intent: IntentInput, signal: AbortSignal): Promise<Decided> {
  for (let attempt = 1; ; attempt += 1) {
    const started = performance.now();
    const answer = await writ.authorize(intent);
    const ms = performance.now() - started;
    if (answer.kind !== 'refused') return { ...answer, ms };
    if (UNFIT.includes(answer.code)) return { kind: 'unfit', code: answer.code, ms };
    if (!PASSING.includes(answer.code) || attempt >= ATTEMPTS || signal.aborted) throw new CliFault(answer);
    await later(PAUSE_MS);
  }
}

type VerdictFacts = {
  readonly verdict: PlayedVerdict;
  readonly rule: string | null;
  readonly codes: readonly string[];
};

function verdictOf(decided: Decided, { boundary }: PlayRules): VerdictFacts {
  if (decided.kind === 'unfit') return { verdict: 'denied', rule: null, codes: [decided.code] };
  const { decision } = decided;
  if (decision.boundary?.digest !== boundary)
    fault('WRIT-DEC-005', 'another boundary came into force during the replay');
  return { verdict: decision.effect, rule: decision.rule, codes: decision.codes };
}

type Performed = Pick<PlayedCall, 'receiptMs' | 'outcomeMs' | 'withheld'>;

/** Takes the receipt and reports the recorded outcome under it. */
async function perform(
  writ: WritClient,
  { handle }: Extract<Answered, { kind: 'permitted' }>,
  call: RecordedCall,
  { isConsequential, signal }: PlayRules,
): Promise<Performed> {
  const started = performance.now();
  let receipted: number | undefined;
  const effect = { resource: resourceOf(call.tool), operation: call.tool, count: 1 };
  for (let attempt = 1; ; attempt += 1) {
    const done = await writ
      .execute(handle, (_args, context) => {
        receipted = performance.now();
        if (call.outcome === 'failed') throw new RecordedFailure('recorded');
        if (isConsequential(call.tool)) context.effect(effect);
      })
      .catch(onlyRecorded);
    if (done.kind === 'executed') {
      const at = receipted ?? started;
      return { receiptMs: at - started, outcomeMs: performance.now() - at };
    }
    if (!PASSING.includes(done.code) || attempt >= ATTEMPTS || signal.aborted) return { withheld: done.code };
    await later(PAUSE_MS);
  }
}

function onlyRecorded(error: unknown): { readonly kind: 'executed' } {
  if (error instanceof RecordedFailure) return { kind: 'executed' };
  throw error;
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
