// The calls that are running now, so that a halt can abort them and say truthfully what became of them.

import type { WritError } from '../errors.js';
import type { Target } from '../gate/gate.halts.js';

export type RunTarget = Required<Target>;

export interface Run {
  readonly target: RunTarget;
  readonly signal: AbortSignal;
  readonly aborted: boolean;
  readonly ended: boolean;
  /** Resolves when the call has come back, however. */
  readonly done: Promise<void>;
  abort(why: WritError): void;
  end(): void;
}

export interface Runs {
  start(target: RunTarget): Run;
  /** Running calls. */
  active(): readonly Run[];
  /** Aborted calls, running or ended, that a test accepts; ended ones are remembered for ten minutes. */
  aborted(accept: (target: RunTarget) => boolean): readonly Run[];
}

const REMEMBER_MS = 600_000;

/** An empty register. */
export const createRuns = (monotonic: () => number): Runs => {
  const active = new Set<Run>();
  let stopped: { readonly run: Run; readonly at: number }[] = [];
  const remember = (run: Run): void => {
    const now = monotonic();
    stopped = [...stopped.filter((s) => !s.run.ended || now - s.at < REMEMBER_MS), { run, at: now }];
  };
  return {
    start: (target) => {
      const run = createRun(target, remember, () => active.delete(run));
      active.add(run);
      return run;
    },
    active: () => [...active],
    aborted: (accept) => stopped.map((s) => s.run).filter((run) => accept(run.target)),
  };
};

const createRun = (target: RunTarget, onAbort: (run: Run) => void, onEnd: () => void): Run => {
  const controller = new AbortController();
  let ended = false;
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const run: Run = {
    target,
    signal: controller.signal,
    done,
    get aborted() {
      return controller.signal.aborted;
    },
    get ended() {
      return ended;
    },
    abort: (why) => {
      if (controller.signal.aborted) return;
      onAbort(run);
      controller.abort(why);
    },
    end: () => {
      ended = true;
      onEnd();
      finish();
    },
  };
  return run;
};
