// The exit codes of `writ verify`, one meaning each. Decides nothing else.
import { ExportError } from '../export/export-error.js';
import type { Report } from './report.js';

/** 0 nothing found; 1 the record is invalid; 2 an authority violation; 3 something undetermined only; 64 wrong usage. */
export const ExitCodes = {
  clean: 0,
  recordInvalid: 1,
  authorityViolation: 2,
  undetermined: 3,
  usage: 64,
} as const;

/** One of `ExitCodes`. */
export type ExitCode = (typeof ExitCodes)[keyof typeof ExitCodes];

/** The exit code of a report: the record comes before authority, a violation before what is undetermined. */
export const exitCodeOf = (report: Report): ExitCode => {
  if (report.record.verdict === 'INVALID') return ExitCodes.recordInvalid;
  switch (report.authority.verdict) {
    case 'VIOLATION':
      return ExitCodes.authorityViolation;
    case 'UNDETERMINED':
      return ExitCodes.undetermined;
    case 'WITHIN':
      return ExitCodes.clean;
  }
};

/** The exit code of a failed read: 64 when the file is no export at all, 1 when it is one that was damaged. */
export const exitCodeOfError = (error: unknown): ExitCode | undefined => {
  if (!(error instanceof ExportError)) return undefined;
  return error.line <= 1 ? ExitCodes.usage : ExitCodes.recordInvalid;
};
