// Owns what a command says: lines for people, one JSON document for programs, refusals on stderr, the exit status. It never
// prints arguments of agents or keys.
import { type Code, Codes, type Refused, refused } from '@writ/contracts';
import pc from 'picocolors';
import { type ExitCode, ExitCodes, exitCodeOf, isExitCode } from './exit-codes.js';
import { CliFault } from './fault.js';

/** The colours of picocolors, or the same functions without any colour. */
export type Colours = ReturnType<typeof pc.createColors>;

/** The mouth of a command. */
export interface Io {
  /** One JSON document on stdout instead of lines. */
  readonly json: boolean;
  readonly colour: Colours;
  /** A line for people; nothing with `--json`. */
  out(line: string): void;
  /** A line on stderr, with `--json` too: warnings, progress. */
  err(line: string): void;
  /** The one JSON document; nothing without `--json`. */
  document(value: unknown): void;
  /** Says code, what happened and what to do next on stderr (and as the JSON document); returns the exit status. */
  fail(refusal: Refused): ExitCode;
  /** Sets the exit status of the process. */
  exit(code: ExitCode): void;
  /** The same mouth in the other manner. */
  withJson(json: boolean): Io;
}

/** `stdout`, `stderr` take whole lines; `exit` sets the status (`process.exitCode` by default). */
export type IoOptions = {
  readonly json: boolean;
  readonly color: boolean;
  readonly stdout?: (text: string) => void;
  readonly stderr?: (text: string) => void;
  readonly exit?: (code: ExitCode) => void;
};

const setExitCode = (code: ExitCode): void => {
  process.exitCode = code;
};

/** Makes the mouth of this process, or of a test. */
export function createIo(options: IoOptions): Io {
  const { json, color, exit = setExitCode } = options;
  const stdout = options.stdout ?? ((text) => void process.stdout.write(text));
  const stderr = options.stderr ?? ((text) => void process.stderr.write(text));
  const colour = pc.createColors(color);
  const document = (value: unknown): void => {
    if (json) stdout(`${JSON.stringify(value, null, 2)}\n`);
  };
  return {
    json,
    colour,
    out: (line) => {
      if (!json) stdout(`${line}\n`);
    },
    err: (line) => stderr(`${line}\n`),
    document,
    fail: (refusal) => {
      for (const line of refusalLines(refusal, colour)) stderr(`${line}\n`);
      document({ ok: false, error: refusalDocument(refusal), exit: exitCodeOf(refusal.code) });
      return exitCodeOf(refusal.code);
    },
    exit,
    withJson: (other) => (other === json ? createIo(options) : createIo({ ...options, json: other })),
  };
}

/** Code and what happened, the reason, what to do next: three lines at most. */
export function refusalLines({ code, reason }: Refused, colour: Colours): readonly string[] {
  const { title, next } = Codes[code];
  return [`${colour.red(code)} ${title}`, `  why:  ${reason}`, `  next: ${next}`];
}

/** A refusal as JSON. */
export function refusalDocument({ code, reason }: Refused) {
  const { title, next } = Codes[code];
  return { code, title, reason, next };
}

/**
 * Runs a command to its end and sets the exit status: what `fn` returns (0 unless it is one), that of a refusal that it threw
 * or of an error with a code of the table, or 70 with WRIT-RUN-005. Never rejects.
 */
export async function runAction(io: Io, fn: () => Promise<unknown>): Promise<void> {
  try {
    const result = await fn();
    io.exit(isExitCode(result) ? result : ExitCodes.ok);
  } catch (error) {
    io.exit(io.fail(refusalOf(error)));
  }
}

/** The refusal that an error is: faults of the other packages carry a code of the table, and a reason without secrets. */
export function refusalOf(error: unknown): Refused {
  if (error instanceof CliFault) return error.refusal;
  if (!(error instanceof Error)) return refused('WRIT-RUN-005', String(error));
  const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
  if (!isCode(code)) return refused('WRIT-RUN-005', `${error.name}: ${error.message}`);
  return refused(code, typeof reason === 'string' ? reason : error.message);
}

function isCode(value: unknown): value is Code {
  return typeof value === 'string' && Object.hasOwn(Codes, value);
}
