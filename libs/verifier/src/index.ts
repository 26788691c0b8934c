// The face of @writ/verifier: an export in, a report out. Offline; it reads no file and opens no connection.

export { invariantOf, type VerifierCode, VerifierCodes } from './codes.js';
export { ExportError } from './export/export-error.js';
export type { ExportHeader } from './export/export-format.js';
export { type OpenExport, openExport, parseExport } from './export/read-export.js';
export { exportLines } from './export/write-export.js';
export type { StoredMessage } from './message.js';
export { type ExitCode, ExitCodes, exitCodeOf, exitCodeOfError } from './report/exit-code.js';
export { formatReport } from './report/format-report.js';
export type {
  AuthorityVerdict,
  Counts,
  Finding,
  FindingVerdict,
  Head,
  ReceiptFinding,
  RecordVerdict,
  Report,
  Tip,
} from './report/report.js';
export { Tolerances } from './tolerances.js';
export { type Progress, type VerifyOptions, verifyLedger } from './verify-ledger.js';
