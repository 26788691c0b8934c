// The exit codes of `writ verify`, one meaning each. Decides nothing else.
import { ExportError } from '../export/export-error.js';
import type { Report } from './report.js';

/**
 * 0 nothing found; 1 the record is invalid; 2 an authority violation; 3 something undetermined only; 4 the record has diverged from what was
 * signed elsewhere; 5 weaker than asked for; 64 wrong usage; 69 nobody answers (live only); 70 an error that should not happen.
 */
export const ExitCodes = {
  clean: 0,
  recordInvalid: 1,
  authorityViolation: 2,
  undetermined: 3,
  diverged: 4,
  weaker: 5,
  usage: 64,
  unavailable: 69,
  internal: 70,
} as const;

/** One of `ExitCodes`. */
export type ExitCode = (typeof ExitCodes)[keyof typeof ExitCodes];

/** What a record must at least be. */
export type Required = 'sealed' | 'witnessed';

/** What is required is required of all messages: one that no checkpoint covers is weaker than any. */
const isWeaker = ({ record, seal }: Report, required: Required | undefined): boolean => {
  if (required === undefined) return false;
  if (seal === null || seal.unsealed > 0) return true;
  return record.verdict !== 'WITNESSED' && (required === 'witnessed' || record.verdict !== 'SEALED');
};

/**
 * The exit code of a report: the record comes before authority, a violation before a record that is weaker than `required`, and that
 * before what is undetermined.
 */
export const exitCodeOf = (report: Report, required?: Required): ExitCode => {
  const { record, authority } = report;
  if (record.verdict === 'INVALID') return ExitCodes.recordInvalid;
  if (record.verdict === 'DIVERGED') return ExitCodes.diverged;
  if (authority.verdict === 'VIOLATION') return ExitCodes.authorityViolation;
  if (isWeaker(report, required)) return ExitCodes.weaker;
  return authority.verdict === 'UNDETERMINED' ? ExitCodes.undetermined : ExitCodes.clean;
};

/** The exit code of a failed read: 64 when the file is no export at all, 1 when it is one that was damaged. */
export const exitCodeOfError = (error: unknown): ExitCode | undefined => {
  if (!(error instanceof ExportError)) return undefined;
  return error.line <= 1 ? ExitCodes.usage : ExitCodes.recordInvalid;
};
