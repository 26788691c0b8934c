// The commands that wait for their answer. Answers each exactly once; ends those whose deadline passes.
import type { MonotonicClock } from '../clock.js';
import type { WriteRefusal } from '../event.js';
import type { SubmitDone, SubmitRequest } from './types.js';

/** How often deadlines are looked at while anything waits, in ms. */
const SWEEP_MS = 20;

export type Command<S> = {
  readonly request: SubmitRequest<S, unknown>;
  /** True while a frame of it may be stored without our knowing. */
  uncertain: boolean;
  answered: boolean;
  settle(answer: SubmitDone<unknown> | WriteRefusal): void;
  fail(error: unknown): void;
};

export type Commands<S> = {
  readonly waiting: ReadonlySet<Command<S>>;
  open(request: SubmitRequest<S, unknown>): {
    readonly command: Command<S>;
    readonly answer: Promise<SubmitDone<unknown> | WriteRefusal>;
  };
};

const expired = (uncertain: boolean): WriteRefusal =>
  uncertain
    ? { kind: 'indeterminate', code: 'WRIT-LED-002', reason: 'sent, and not confirmed before the deadline' }
    : { kind: 'indeterminate', code: 'WRIT-LED-007', reason: 'not stored before the deadline' };

const createCommand = <S>(
  request: SubmitRequest<S, unknown>,
  onClosed: (command: Command<S>) => void,
): { readonly command: Command<S>; readonly answer: Promise<SubmitDone<unknown> | WriteRefusal> } => {
  const { promise, resolve, reject } = withResolvers<SubmitDone<unknown> | WriteRefusal>();
  const close = (then: () => void): void => {
    if (command.answered) return;
    command.answered = true;
    onClosed(command);
    then();
  };
  const command: Command<S> = {
    request,
    uncertain: false,
    answered: false,
    settle: (answer) => close(() => resolve(answer)),
    fail: (error) => close(() => reject(error)),
  };
  return { command, answer: promise };
};

const withResolvers = <T>() => {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
};

/** The commands of one writer. Deadlines are looked at every 20 ms, by one timer for all. */
export const createCommands = <S>(clock: MonotonicClock): Commands<S> => {
  const waiting = new Set<Command<S>>();
  let sweep: NodeJS.Timeout | undefined;
  const look = (): void => {
    const now = clock.now();
    for (const command of [...waiting]) {
      if (command.request.deadline <= now) command.settle(expired(command.uncertain));
    }
    if (waiting.size > 0) return;
    clearInterval(sweep);
    sweep = undefined;
  };
  return {
    waiting,
    open: (request) => {
      const opened = createCommand<S>(request, (command) => waiting.delete(command));
      waiting.add(opened.command);
      sweep ??= setInterval(look, SWEEP_MS);
      return opened;
    },
  };
};
