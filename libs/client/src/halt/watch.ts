// What happens in this process when a halt is heard and when it is released: abort, call back, keep the state, restore it.

import type { JsonValue } from '@writ/contracts';
import { nextStep } from '@writ/contracts';
import { WritError } from '../errors.js';
import { leaseAge } from '../gate/gate.clock.js';
import { decideLease } from '../gate/gate.decide.js';
import { haltedWhole, haltsOn } from '../gate/gate.halts.js';
import type { GateState, HeardHalt, RecordedHalt } from '../gate/gate.state.js';
import type { GateKeeper } from '../gate/keeper.js';
import type { StateReading } from '../gate/state-read.js';
import type { Session } from '../session.js';
import type { HaltNotice, HaltView } from '../types.js';
import { getState, putState } from './preserve.js';
import type { Runs } from './runs.js';

/** What an agent may hang in. All are optional; an error in one is logged by name and stops nothing. */
export type HaltHooks = {
  /** Called at once, after the gate has closed and the running calls were told to abort. */
  readonly onHalt?: (notice: HaltNotice) => void | Promise<void>;
  /** Called when nothing halts this agent as a whole any more, after `restoreState`. */
  readonly onRelease?: () => void | Promise<void>;
  /** The agent's own state, to be kept by the plane: JSON, at most about 192 KiB. `undefined` keeps nothing. */
  readonly preserveState?: () => JsonValue | undefined | Promise<JsonValue | undefined>;
  /** Given the kept state after the release, also after a restart in between. */
  readonly restoreState?: (value: JsonValue) => void | Promise<void>;
};

export type HaltWatch = {
  readonly hooks: HaltHooks[];
  /** Aborts when this agent is halted as a whole; a new one after the release. */
  signal(): AbortSignal;
  /** Resolves when a state that was kept before this start has been given back, or there was none. */
  readonly started: Promise<void>;
};

type Watch = {
  readonly session: Session;
  readonly keeper: GateKeeper;
  readonly runs: Runs;
  readonly deadlineMs: number;
  readonly hooks: HaltHooks[];
  /** Made when somebody asks for the signal: most agents never do, and a halt is not the time to make errors and events. */
  controller: AbortController | undefined;
  /** The digest of what was kept in this halt; `undefined` while not halted as a whole. */
  kept: Promise<string | undefined> | undefined;
  /** Monotonic time since which the gate has been closed for lack of a lease. */
  closedSince: number | undefined;
};

export type WatchOptions = { readonly deadlineMs: number; readonly abortOnLeaseLoss: boolean };

/** Starts watching the gate. */
export const watchHalts = (
  session: Session,
  keeper: GateKeeper,
  runs: Runs,
  hooks: HaltHooks[],
  options: WatchOptions,
): HaltWatch => {
  const { deadlineMs } = options;
  const watch: Watch = {
    session,
    keeper,
    runs,
    deadlineMs,
    hooks,
    controller: undefined,
    kept: undefined,
    closedSince: undefined,
  };
  let first: ((reading: StateReading) => void) | undefined;
  const started = new Promise<void>((resolve) => {
    first = (reading) => void begin(watch, reading).finally(resolve);
  });
  keeper.onChange((next, previous) => {
    abortCovered(watch, next);
    if (options.abortOnLeaseLoss) abortLeaseless(watch, next);
    // Until the first state reply it is not known whether there is a state to be kept or one that was kept before.
    if (first === undefined) react(watch, next, previous);
    else
      void callBack(
        watch,
        next.heard.filter((h) => !previous.heard.includes(h)),
      );
  });
  keeper.onRead((reading) => {
    first?.(reading);
    first = undefined;
  });
  return { hooks, signal: () => signalOf(watch), started };
};

const signalOf = (watch: Watch): AbortSignal => {
  watch.controller ??= new AbortController();
  if (watch.kept !== undefined) abortWhole(watch);
  return watch.controller.signal;
};

const abortWhole = ({ controller }: Watch): void => {
  if (controller?.signal.aborted === false) controller.abort(new WritError('WRIT-ENF-001', 'halted'));
};

const self = (watch: Watch): string => watch.session.credentials.scope;

const abortCovered = (watch: Watch, state: GateState): void => {
  for (const run of watch.runs.active()) {
    if (haltsOn(state, run.target).length > 0)
      run.abort(new WritError('WRIT-ENF-001', nextStep('WRIT-ENF-001')));
  }
};

const LEASELESS_MS = 1000;

/** A lease that ran out aborts at once; a pause or a reconnect only when the state cannot be read within a second. */
const abortLeaseless = (watch: Watch, state: GateState): void => {
  if (watch.runs.active().length === 0) {
    watch.closedSince = undefined;
    return;
  }
  const now = watch.session.clock.now();
  const status = decideLease(state, now);
  if (status.kind === 'open') {
    watch.closedSince = undefined;
    return;
  }
  watch.closedSince ??= now.mono;
  const ranOut = state.lease !== undefined && leaseAge(state, now) >= state.lease.validMs;
  if (!ranOut && now.mono - watch.closedSince < LEASELESS_MS) return;
  for (const run of watch.runs.active()) run.abort(new WritError('WRIT-ENF-002', status.reason));
};

/** A process that starts under a halt keeps nothing (its former life did); one that starts free gets its state back. */
const begin = async (watch: Watch, reading: StateReading): Promise<void> => {
  const digest = reading.data.preserved?.digest;
  const state = watch.keeper.state();
  if (!haltedWhole(state, self(watch))) {
    await restore(watch, async () => digest);
    return;
  }
  watch.kept = Promise.resolve(digest);
  abortWhole(watch);
  void callBack(
    watch,
    [...state.halts.values()].filter((halt) => !halt.matched),
  );
};

const react = (watch: Watch, next: GateState, previous: GateState): void => {
  const fresh = freshHalts(next, previous);
  if (fresh.length > 0) {
    const called = callBack(watch, fresh);
    if (haltedWhole(next, self(watch)) && watch.kept === undefined) {
      abortWhole(watch);
      watch.kept = called.then(() => watch.session.followUp.turn()).then(() => keep(watch));
    }
  }
  if (watch.kept !== undefined && !haltedWhole(next, self(watch))) {
    const kept = watch.kept;
    watch.kept = undefined;
    watch.controller = undefined;
    void release(watch, kept);
  }
};

/** Halts that the previous state did not have, in either form. */
const freshHalts = (next: GateState, previous: GateState): readonly (RecordedHalt | HeardHalt)[] => {
  const heard = next.heard.filter((h) => !previous.heard.includes(h));
  const recorded = [...next.halts.values()].filter((h) => !previous.halts.has(h.id) && !h.matched);
  return [...heard, ...recorded];
};

export const viewOf = (halt: RecordedHalt | HeardHalt): HaltView => ({
  id: 'id' in halt ? halt.id : null,
  scope: halt.scope,
  person: halt.person,
  ...(halt.tool === undefined ? {} : { tool: halt.tool }),
});

const callBack = async (watch: Watch, halts: readonly (RecordedHalt | HeardHalt)[]): Promise<void> => {
  if (halts.length === 0) return;
  const { notice, endTime } = noticeOf(watch, halts);
  const calls = watch.hooks.map((hooks) => guarded(watch, 'onHalt', () => hooks.onHalt?.(notice)));
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, watch.deadlineMs).unref();
    void Promise.all(calls)
      .then(() => watch.session.followUp.turn())
      .then(() => {
        clearTimeout(timer);
        resolve();
      });
  });
  endTime();
};

/** What a hook is given; its signal is made when it is asked for. */
const noticeOf = (watch: Watch, halts: readonly (RecordedHalt | HeardHalt)[]) => {
  let over: AbortController | undefined;
  let ended = false;
  const endTime = (): void => {
    ended = true;
    over?.abort(new WritError('WRIT-ENF-001', 'the time to wind down is over'));
  };
  const notice: HaltNotice = {
    halts: halts.map(viewOf),
    get signal() {
      over ??= new AbortController();
      if (ended) endTime();
      return over.signal;
    },
    deadline: watch.session.clock.now().wall + watch.deadlineMs,
  };
  return { notice, endTime };
};

const guarded = async <T>(watch: Watch, hook: string, call: () => T | Promise<T>): Promise<T | undefined> => {
  try {
    return await call();
  } catch (error) {
    const code = error instanceof WritError ? error.code : 'WRIT-RUN-005';
    watch.session.log({ event: `hook-failed-${hook}`, code });
    return undefined;
  }
};

const keep = async (watch: Watch): Promise<string | undefined> => {
  for (const hooks of watch.hooks) {
    const value = await guarded(watch, 'preserveState', () => hooks.preserveState?.());
    if (value !== undefined)
      return guarded(watch, 'preserveState', () => putState(watch.session, watch.keeper, value));
  }
  return undefined;
};

const release = async (watch: Watch, kept: Promise<string | undefined>): Promise<void> => {
  await restore(watch, async () => (await kept) ?? (await watch.keeper.read([]))?.data.preserved?.digest);
  for (const hooks of watch.hooks) await guarded(watch, 'onRelease', () => hooks.onRelease?.());
};

const restore = async (watch: Watch, find: () => Promise<string | undefined>): Promise<void> => {
  if (watch.hooks.every((hooks) => hooks.restoreState === undefined)) return;
  const digest = await find();
  if (digest === undefined) return;
  const kept = await getState(watch.session, watch.keeper, digest);
  watch.session.log({ event: kept === undefined ? 'state-not-restored' : 'state-restored' });
  if (kept === undefined) return;
  for (const hooks of watch.hooks)
    await guarded(watch, 'restoreState', () => hooks.restoreState?.(kept.value));
};
