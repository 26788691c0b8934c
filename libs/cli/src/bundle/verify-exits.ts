// Owns the exit statuses of `writ verify`, which differ from those of every other command (docs/reference/bundle.md, 9).

import type { Refused } from '@writ/contracts';
import { type ExitCode, ExitCodes, exitCodeOfError } from '@writ/verifier';
import { ExitCodes as CommandCodes, exitCodeOf } from '../exit-codes.js';
import { type Io, refusalDocument, refusalLines, refusalOf } from '../io.js';

const MEANINGS: { readonly [C in ExitCode]: string } = {
  [ExitCodes.clean]: 'nothing found',
  [ExitCodes.recordInvalid]:
    'the record is INVALID: altered, incomplete, reordered, or not what its checkpoint says',
  [ExitCodes.authorityViolation]: 'the record holds, and shows something done without authority (VIOLATION)',
  [ExitCodes.undetermined]: 'nothing worse, and something could not be determined',
  [ExitCodes.diverged]: 'a checkpoint that was signed elsewhere shows another history (DIVERGED)',
  [ExitCodes.weaker]: 'nothing worse, and weaker than --require asks for',
  [ExitCodes.usage]:
    'the command line is not right, or what is there is none of the formats, or an export of another organisation',
  [ExitCodes.unavailable]: 'the plane does not answer, or not in time',
  [ExitCodes.internal]: 'an error that should not happen',
};

/** The lines of the help text. */
export const verifyExitLines = (): readonly string[] =>
  Object.values(ExitCodes).map((code) => `  ${String(code).padStart(2)}  ${MEANINGS[code]}`);

const exitFor = (refusal: Refused, error: unknown): ExitCode => {
  const read = exitCodeOfError(error);
  if (read !== undefined) return read;
  const general = exitCodeOf(refusal.code);
  if (general === CommandCodes.unreachable) return ExitCodes.unavailable;
  return general === CommandCodes.internal ? ExitCodes.internal : ExitCodes.usage;
};

/** Says why there is no verdict, and gives the exit status. */
export const verifyFault = (io: Io, error: unknown): ExitCode => {
  const refusal = refusalOf(error);
  const exit = exitFor(refusal, error);
  for (const line of refusalLines(refusal, io.colour)) io.err(line);
  io.document({ ok: false, error: refusalDocument(refusal), exit });
  return exit;
};
