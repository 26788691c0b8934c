// Owns the exit statuses of `writ`: what each means, and which one a code of the table ends with. It decides nothing else.
import type { Code } from '@writ/contracts';
import { ExitCodes as VerifyCodes, type ExitCode as VerifyExit } from '@writ/verifier';

/** The exit statuses of every command but `writ verify`, documented in `writ --help`. */
export const ExitCodes = {
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  recordInvalid: 4,
  undetermined: 6,
  internal: 70,
} as const;

/** One of the documented exit statuses; `writ verify` has its own. */
export type ExitCode = (typeof ExitCodes)[keyof typeof ExitCodes] | VerifyExit;

/** Whether a value is an exit status of any command. */
export const isExitCode = (value: unknown): value is ExitCode =>
  ([...Object.values(ExitCodes), ...Object.values(VerifyCodes)] as unknown[]).includes(value);

/** What each exit status means, in the order of the help text. */
export const ExitMeanings: Readonly<Record<keyof typeof ExitCodes, string>> = {
  ok: 'done',
  refused: 'refused: a code, the reason and the next step are on stderr',
  usage: 'the command line is not right',
  unreachable: 'the plane does not answer, or not in time',
  recordInvalid: 'the record does not verify: frames, keys, versions or chains',
  undetermined: 'something could not be determined',
  internal: 'an error that should not happen',
};

const SPECIAL: Readonly<Partial<Record<Code, ExitCode>>> = {
  'WRIT-CLI-002': ExitCodes.usage,
  'WRIT-CLI-005': ExitCodes.unreachable,
  'WRIT-NATS-005': ExitCodes.unreachable,
  'WRIT-ENF-003': ExitCodes.unreachable,
  'WRIT-HLT-003': ExitCodes.unreachable,
  'WRIT-LED-002': ExitCodes.unreachable,
  'WRIT-VER-001': ExitCodes.recordInvalid,
  'WRIT-VER-002': ExitCodes.recordInvalid,
  'WRIT-LED-006': ExitCodes.recordInvalid,
  'WRIT-RUN-005': ExitCodes.internal,
};

/** The exit status for a refusal's code; `refused` (1) unless the table says otherwise. */
export function exitCodeOf(code: Code): ExitCode {
  return SPECIAL[code] ?? ExitCodes.refused;
}

/** The lines of the help text: status and meaning. */
export function exitCodeLines(): readonly string[] {
  return (Object.keys(ExitMeanings) as (keyof typeof ExitCodes)[]).map(
    (name) => `  ${String(ExitCodes[name]).padStart(2)}  ${ExitMeanings[name]}`,
  );
}
