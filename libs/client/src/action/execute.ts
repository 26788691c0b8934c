// Runs a function under a receipt: gate, receipt, gate again, run, outcome. Never on anything less, never twice.

import { AsyncLocalStorage } from 'node:async_hooks';
import { type Effect, type Refused, refused } from '@writ/contracts';
import { pause } from '../clock.js';
import { WritError } from '../errors.js';
import type { GateKeeper } from '../gate/keeper.js';
import type { Runs, RunTarget } from '../halt/runs.js';
import type { Session } from '../session.js';
import type { Args, ExecuteOptions, Execution, RunContext } from '../types.js';
import { reportOutcome } from './outcome.js';
import { askReceipt, type Order, stillValid } from './receipt.js';
import type { ReceiptGrant } from './receipt-grant.js';

export type Engine = { readonly session: Session; readonly keeper: GateKeeper; readonly runs: Runs };

/** One execution: the order, what was granted already, and the mark that it has begun. */
export type Job<T> = {
  readonly order: Order;
  readonly granted?: ReceiptGrant | undefined;
  /** Called once, right before the function; false when it has been started before. */
  readonly begin: () => boolean;
  /** The arguments to run with; may refuse once the obligations are known. */
  readonly args: (grant: ReceiptGrant) => { readonly kind: 'args'; readonly args: Args } | Refused;
  readonly fn: (args: Args, context: RunContext) => T | Promise<T>;
};

const TIMEOUT_MS = 10_000;
/** How long the caller waits for its report to be recorded; the report itself is repeated longer, in the background. */
const REPORT_WAIT_MS = 10_000;
const current = new AsyncLocalStorage<RunContext>();

/** The context of the governed call that is running here, if any. */
export const currentRun = (): RunContext | undefined => current.getStore();

/** Executes a job. Refusals are values and mean that the function was not called; what the function throws is thrown on. */
export const executeJob = async <T>(
  engine: Engine,
  job: Job<T>,
  options: ExecuteOptions,
): Promise<Execution<T>> => {
  const { clock } = engine.session;
  const until = clock.now().mono + (options.timeoutMs ?? TIMEOUT_MS);
  const target = targetOf(job.order);
  const gate = await engine.keeper.whenOpen(target, until - clock.now().mono, options.signal);
  if (gate.kind === 'closed') return refused(gate.code, gate.reason);
  const granted = job.granted ?? (await waitForReceipt(engine, job.order, until, options));
  if (granted.kind === 'refused') return granted;
  const args = job.args(granted);
  if (args.kind === 'refused') return args;
  const again = await engine.keeper.whenOpen(target, until - clock.now().mono, options.signal);
  if (again.kind === 'closed') return refused(again.code, again.reason);
  if (options.signal?.aborted) return refused('WRIT-ENF-003', 'the caller gave up before the execution');
  return run(engine, job, granted, args.args, target);
};

const POLL_MS = 1000;

/** Asks once or, with `wait: 'approval'`, again and again while the approval is pending. */
const waitForReceipt = async (
  { session, keeper }: Engine,
  order: Order,
  until: number,
  { wait, pollMs, signal }: ExecuteOptions,
): Promise<ReceiptGrant | Refused> => {
  for (;;) {
    const left = until - session.clock.now().mono;
    const granted = await askReceipt(session, keeper, order, left, signal);
    if (granted.kind === 'granted' || wait !== 'approval' || granted.code !== 'WRIT-RCP-009') return granted;
    const rest = until - session.clock.now().mono;
    if (rest <= 0 || signal?.aborted || session.closed.aborted) return granted;
    await pause(Math.min(pollMs ?? POLL_MS, rest), signal);
  }
};

const targetOf = ({ agent, resource, operation }: Order): RunTarget => ({ agent, resource, operation });

/** From the last look at the gate to the call of the function nothing is awaited. */
const run = async <T>(
  engine: Engine,
  job: Job<T>,
  granted: ReceiptGrant,
  args: Args,
  target: RunTarget,
): Promise<Execution<T>> => {
  const { keeper, runs, session } = engine;
  const gate = keeper.check(target);
  if (gate.kind === 'closed') return refused(gate.code, gate.reason);
  const expired = stillValid(keeper, granted.receipt);
  if (expired !== undefined) return expired;
  if (!job.begin()) return refused('WRIT-ENF-004', 'this intent was executed here already');
  const registered = runs.start(target);
  const startedAt = keeper.planeTime();
  const notes: Notes = { effects: [], result: undefined };
  const context = contextOf(registered.signal, granted, notes);
  try {
    const value = await current.run(context, () => job.fn(args, context));
    registered.end();
    const outcome = await report(engine, granted, startedAt, notes);
    return { kind: 'executed', value, receipt: granted.receipt, outcome };
  } catch (error) {
    registered.end();
    session.log({ event: 'execution-failed', intentId: granted.receipt.intentId });
    await report(engine, granted, startedAt, notes, { error });
    throw error;
  }
};

type Notes = { effects: Effect[]; result: Args | undefined };

const contextOf = (signal: AbortSignal, granted: ReceiptGrant, notes: Notes): RunContext => ({
  signal,
  receipt: granted.receipt,
  effect: (effect) => {
    if (notes.effects.length >= 64) throw new RangeError('at most 64 effects are reported');
    notes.effects.push(effect);
  },
  result: (result) => {
    notes.result = result;
  },
});

const report = async (
  engine: Engine,
  { receipt }: ReceiptGrant,
  startedAt: number,
  notes: Notes,
  failure?: { readonly error: unknown },
): Promise<'recorded' | 'unconfirmed'> => {
  const reporting = reportOutcome(engine.session, engine.keeper, {
    intentId: receipt.intentId,
    agent: receipt.agent,
    receipt: receipt.id,
    as: 'executor',
    status: failure === undefined ? 'succeeded' : 'failed',
    startedAt,
    finishedAt: engine.keeper.planeTime(),
    effects: notes.effects,
    result: notes.result,
    errorCode: failure && errorCode(failure.error),
  });
  const enough = new AbortController();
  const recorded = await Promise.race([reporting, pause(REPORT_WAIT_MS, enough.signal)]);
  enough.abort();
  if (recorded?.kind === 'recorded') return 'recorded';
  engine.session.log({ event: 'outcome-unconfirmed', intentId: receipt.intentId });
  return 'unconfirmed';
};

/** A short code for the report: never the message, which may hold anything. */
const errorCode = (error: unknown): string => {
  if (error instanceof WritError) return error.code;
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(code)) return code;
  return error instanceof Error && /^[A-Za-z0-9_.-]{1,64}$/.test(error.name) ? error.name : 'error';
};
