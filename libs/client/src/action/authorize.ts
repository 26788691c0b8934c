// Asks for the decision on an intent and, where wanted, waits at the gate. It executes nothing.
import { type Code, type Refused, refused, subjects } from '@writ/contracts';
import { splitFrames } from '@writ/crypto';
import { pause } from '../clock.js';
import type { Authorisation, AuthorizeOptions, DecisionSummary } from '../types.js';
import { answer, askUntil, claimedType, distrusted, type Reading, readRefusal } from './ask.js';
import { argsDigest, bindsTo, obligeArgs, openDecision, summarise } from './decision.js';
import type { Engine } from './execute.js';
import type { HeldIntent } from './handle.js';
import { intentMessage } from './intent.js';
import { askReceipt, type Order } from './receipt.js';

const DECISION_MS = 10_000;
const POLL_MS = 1000;

/** Sends the intent (again) and reads its decision; a decision that escalates is waited for where wanted. */
export const authorizeIntent = async (
  engine: Engine,
  intent: HeldIntent,
  options: AuthorizeOptions,
): Promise<Authorisation> => {
  const until = deadlineOf(engine, intent, options);
  const decided = await decide(engine, intent, options, until);
  if (decided.kind === 'refused') return decided;
  const { decision } = decided;
  engine.session.log({ event: decision.effect, intentId: intent.id });
  if (decision.effect === 'denied')
    return denied(intent, decision, 'WRIT-ENF-006', decision.codes.join(', '));
  if (decision.effect === 'permitted') return { kind: 'permitted', handle: intent, decision };
  options.onPending?.({ handle: intent, decision });
  if (options.wait !== 'approval') return { kind: 'escalated', handle: intent, decision };
  return waitForApproval(engine, intent, decision, options, until);
};

/** A halt that covers the action, as a refusal (WRIT-ENF-001). */
export const haltOn = (
  engine: Engine,
  action: { resource: string; operation: string },
): Refused | undefined => {
  const { resource, operation } = action;
  const gate = engine.keeper.check({ agent: engine.session.credentials.scope, resource, operation });
  return gate.kind === 'closed' && gate.code === 'WRIT-ENF-001' ? refused(gate.code, gate.reason) : undefined;
};

/** Goes on with an intent of a former life: asks nothing while it is halted, then with the same id. */
export const resumeIntent = async (
  engine: Engine,
  intent: HeldIntent,
  options: AuthorizeOptions,
): Promise<Authorisation> => {
  const { session } = engine;
  const until = deadlineOf(engine, intent, options);
  for (;;) {
    const halted = haltOn(engine, intent.action);
    const left = until - session.clock.now().mono;
    if (halted === undefined)
      return authorizeIntent(engine, intent, { ...options, timeoutMs: Math.max(left, 0) });
    if (options.wait !== 'approval' || left <= 0 || options.signal?.aborted || session.closed.aborted)
      return halted;
    await pause(Math.min(left, 100), options.signal);
  }
};

/** Monotonic time at which the caller wants an answer, whatever it is. */
const deadlineOf = (engine: Engine, intent: HeldIntent, options: AuthorizeOptions): number => {
  const now = engine.session.clock.now().mono;
  if (options.timeoutMs !== undefined) return now + options.timeoutMs;
  if (options.wait !== 'approval') return now + DECISION_MS;
  return now + Math.max(0, Date.parse(intent.document.data.deadline) - engine.keeper.planeTime());
};

const denied = (
  handle: HeldIntent,
  decision: DecisionSummary,
  code: Code,
  reason: string,
): Authorisation => ({ kind: 'denied', code, reason, handle, decision });

type Decided = { readonly kind: 'decided'; readonly decision: DecisionSummary };

const decide = (
  engine: Engine,
  intent: HeldIntent,
  options: AuthorizeOptions,
  until: number,
): Promise<Decided | Refused> => {
  const { session, keeper } = engine;
  const subject = subjects.intent(intent.agent);
  const left = until - session.clock.now().mono;
  return askUntil<Decided | Refused>(session, keeper, {
    subject,
    message: intentMessage(intent),
    timeoutMs: options.wait === 'approval' ? Math.max(left, DECISION_MS) : left,
    signal: options.signal,
    read: (reply) => readDecision(engine, intent, reply, subject),
  });
};

const readDecision = (
  { session }: Engine,
  intent: HeldIntent,
  reply: Uint8Array,
  subject: string,
): Reading<Decided | Refused> => {
  const [first] = splitFrames(reply);
  if (first === undefined) return answer(refused('WRIT-ENF-008', 'an empty answer'));
  if (claimedType(first) === 'writ.refusal.v1')
    return readRefusal(session, first, subject, 'decision', intent.id);
  const opened = openDecision(session, first);
  if (!opened.ok) return distrusted(opened);
  if (!bindsTo(opened.document, intent))
    return answer(refused('WRIT-ENF-004', 'the decision is on another intent'));
  const decision = summarise(opened.document, opened.digest);
  if (decision.effect === 'denied') return answer({ kind: 'decided', decision });
  const obliged = obligeArgs(intent.args, decision.obligations);
  if (obliged.kind === 'refused') return answer(obliged);
  if (argsDigest(obliged.args) !== opened.document.data.obligedDigest) {
    return answer(refused('WRIT-ENF-004', 'the decision obliges to other arguments'));
  }
  intent.obliged = obliged.args;
  return answer({ kind: 'decided', decision });
};

/** The order of an intent whose decision is known. */
export const orderOf = (intent: HeldIntent, acceptEarlier: boolean): Order => ({
  intentId: intent.id,
  agent: intent.agent,
  argsDigest: argsDigest(intent.obliged ?? intent.args),
  resource: intent.action.resource,
  operation: intent.action.operation,
  intentDigest: intent.digest,
  requests: intent.requests,
  acceptEarlier,
});

/** Refusals that time may cure while an approval is pending. */
const PASSING: readonly Code[] = [
  'WRIT-RCP-001',
  'WRIT-RCP-006',
  'WRIT-RCP-008',
  'WRIT-RCP-009',
  'WRIT-RCP-013',
  'WRIT-RCP-015',
  'WRIT-ENF-003',
];

/** Asks for the receipt until the gate is decided; the receipt that comes is kept for `execute`. Halted, it asks nothing. */
const waitForApproval = async (
  engine: Engine,
  intent: HeldIntent,
  decision: DecisionSummary,
  options: AuthorizeOptions,
  until: number,
): Promise<Authorisation> => {
  const { session, keeper } = engine;
  const target = {
    agent: intent.agent,
    resource: intent.action.resource,
    operation: intent.action.operation,
  };
  const order = orderOf(intent, false);
  for (;;) {
    const left = until - session.clock.now().mono;
    if (left <= 0 || options.signal?.aborted || session.closed.aborted) {
      return { kind: 'escalated', handle: intent, decision };
    }
    if (keeper.check(target).kind === 'open') {
      const granted = await askReceipt(session, keeper, order, Math.min(left, 5000), options.signal);
      if (granted.kind === 'granted') {
        intent.grant = granted;
        return { kind: 'permitted', handle: intent, decision };
      }
      if (granted.code === 'WRIT-RCP-010') return denied(intent, decision, 'WRIT-ENF-007', granted.reason);
      if (!PASSING.includes(granted.code)) return granted;
    }
    await pause(Math.min(left, options.pollMs ?? POLL_MS), options.signal);
  }
};
