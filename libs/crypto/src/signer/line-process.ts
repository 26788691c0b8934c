// One long-running child that speaks lines. Owns its process and its pipes; knows nothing of keys.
import { type ChildProcess, spawn } from 'node:child_process';
import { commandEnv } from './command-env.js';

/** The longest line that is taken from a signer, bytes. What is longer is no answer. */
const MAX_LINE = 4_096;

export type LineProcess = {
  readonly send: (line: string) => void;
  /** Keeps this process alive while something is awaited, and lets it end otherwise. */
  readonly hold: (waiting: boolean) => void;
  /** Lets it end by closing its input; kills it where it does not within `ms`. */
  readonly end: (ms: number) => Promise<void>;
  readonly kill: () => void;
};

type Handlers = {
  readonly onLine: (line: string) => void;
  /** Once, when it ended, could not be started, or said what is no line. */
  readonly onOver: () => void;
};

const linesOf = (onLine: (line: string) => void, tooLong: () => void): ((chunk: Buffer) => void) => {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE || lines.some((line) => line.length > MAX_LINE)) tooLong();
    else for (const line of lines) onLine(line);
  };
};

const holder = (child: ChildProcess) => (waiting: boolean) => {
  const pipes = [child.stdin, child.stdout] as unknown as ({ ref?(): void; unref?(): void } | null)[];
  for (const part of [child, ...pipes]) {
    if (waiting) part?.ref?.();
    else part?.unref?.();
  }
};

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** Starts the command. Its standard error goes nowhere: what a signer has to say belongs into a log of its own. */
export const startLineProcess = (command: readonly string[], { onLine, onOver }: Handlers): LineProcess => {
  const [file, ...args] = command;
  const child = spawn(file as string, args, { stdio: ['pipe', 'pipe', 'ignore'], env: commandEnv() });
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    child.kill('SIGKILL');
    onOver();
  };
  child.once('exit', finish);
  child.on('error', finish);
  child.stdin.on('error', finish);
  child.stdout.on('error', finish);
  child.stdout.on(
    'data',
    linesOf((line) => void (over || onLine(line)), finish),
  );
  const hold = holder(child);
  hold(false);
  return {
    send: (line) => void child.stdin.write(`${line}\n`),
    hold,
    end: async (ms) => {
      over = true;
      hold(true);
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), ms);
      await ended(child);
      clearTimeout(timer);
    },
    kill: finish,
  };
};
