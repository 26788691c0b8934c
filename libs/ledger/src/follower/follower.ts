// One ordered read of the ledger: verified ahead on the thread pool, folded strictly in order. Skips junk, never an event.
import { parseLedgerDocument } from '@writ/contracts';
import { endorses, link } from '@writ/crypto';
import type { Accepts } from '@writ/domain';
import { systemClock } from '../clock.js';
import type { LedgerItem } from '../event.js';
import { createFoldState, type FoldState, tipOf } from './fold-state.js';
import { createFreshness } from './freshness.js';
import { createOpener } from './opener.js';
import { type Parts, runReader } from './reading.js';
import type { Follower, FollowerOptions } from './types.js';
import { createWaiters } from './waiters.js';

/** How long `stop` waits for the loops; they end by themselves soon after. */
const STOP_MS = 1_000;

const acceptsContracts: Accepts = (document) => {
  const parsed = parseLedgerDocument(document);
  if (parsed.kind === 'known') return 'known';
  return parsed.kind === 'unknown-type' ? 'unknown' : { invalid: parsed.reason };
};

const endOfLedger = async (parts: Parts, signal: AbortSignal): Promise<number> => {
  const clock = parts.options.clock ?? systemClock;
  for (;;) {
    const end = await parts.options.ledger.end().catch(() => undefined);
    if (end !== undefined) return end;
    if (signal.aborted) throw new Error('stopped before the end of the ledger was known');
    await clock.sleep(100);
  }
};

/** Starts the loops and reports the first failure of either, once. */
const launch = (
  parts: Parts,
  controller: AbortController,
  onFailed: (error: unknown) => void,
): Promise<void> => {
  const { signal } = controller;
  const guard = (error: unknown): void => {
    if (signal.aborted) return;
    controller.abort();
    onFailed(error);
  };
  const loops = [runReader(parts, signal), parts.freshness.run(signal)];
  return Promise.all(loops.map((loop) => loop.catch(guard))).then(() => parts.waiters.giveUp());
};

const createParts = (options: FollowerOptions): Parts => {
  const { keys, ledger } = options;
  const rules = { keys, link, accepts: options.accepts ?? acceptsContracts, endorses };
  const state = createFoldState(rules, options.onJunk ?? (() => undefined), options.snapshot);
  const clock = options.clock ?? systemClock;
  const freshness = createFreshness({
    ledger,
    clock,
    pollMs: options.pollMs ?? 500,
    position: () => state.position,
  });
  return { options, state, opener: createOpener(keys), waiters: createWaiters(), freshness };
};

/** Waits for the loops, not longer than `STOP_MS`, and leaves no timer behind. */
const withinStopTime = async (running: Promise<void> | undefined): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_MS);
  });
  await Promise.race([running, late]);
  clearTimeout(timer);
};

const register = <T>(handlers: Set<T>, handler: T): (() => void) => {
  handlers.add(handler);
  return () => handlers.delete(handler);
};

const watchersOf = (state: FoldState, subject: string): Set<(item: LedgerItem) => void> => {
  const handlers = state.watchers.get(subject) ?? new Set();
  state.watchers.set(subject, handlers);
  return handlers;
};

/**
 * Creates the follower of a process. Register folds (the key directory's among them) before `start`. It stops for good, and
 * says so through `onFailure`, when a fold throws or the ledger lost messages; it never skips an event.
 */
export const createFollower = (options: FollowerOptions): Follower => {
  const parts = createParts(options);
  const { state, waiters } = parts;
  const controller = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  let running: Promise<void> | undefined;
  const fail = (error: unknown): void => {
    failure = { error };
    options.onFailure?.(error);
  };
  const reached: Follower['reached'] = async (seq, timeoutMs) => {
    if (state.position >= seq) return true;
    return controller.signal.aborted ? false : waiters.wait(seq, timeoutMs);
  };
  return {
    position: () => state.position,
    reached,
    freshAsOf: parts.freshness.freshAsOf,
    tip: (subject) => tipOf(state, subject),
    chains: () => new Map([...state.tips].map(([subject, { chain }]) => [subject, chain])),
    junkCount: () => state.junk,
    fold: (handler) => register(state.folds, handler),
    listen: (handler) => register(state.listeners, handler),
    watch: (subject, handler) => register(watchersOf(state, subject), handler),
    vouch: parts.opener.vouch,
    start: async () => {
      running ??= launch(parts, controller, fail);
      const caughtUp = await reached(await endOfLedger(parts, controller.signal), Number.POSITIVE_INFINITY);
      if (!caughtUp) throw failure?.error ?? new Error('stopped before the end of the ledger');
    },
    stop: async () => {
      controller.abort();
      waiters.giveUp();
      await withinStopTime(running);
    },
  };
};
