// The face of @writ/verifier: an export in, a report out. Offline; it reads no file and opens no connection.

export type { Progress } from './audit/run.js';
export { BundleError } from './bundle/bundle-error.js';
export type { DisclosureLine } from './bundle/disclosures.js';
export type { PrivateValues } from './bundle/from-vault.js';
export { type BundleOrder, type BundleSink, makeBundle } from './bundle/make-bundle.js';
export { BundleFiles } from './bundle/names.js';
export type { BundleSource, FileSum } from './bundle/source.js';
export type { Readable } from './bundle/survey.js';
export { type BundleOptions, verifyBundle } from './bundle/verify-bundle.js';
export { invariantOf, type VerifierCode, VerifierCodes } from './codes.js';
export type { CommitmentsReport, ErasureCount } from './disclosed/commitments.js';
export {
  type DisclosureEvidence,
  type DisclosureStatus,
  disclosureStatuses,
  type ErasedList,
  type Erasures,
  isErasedList,
} from './disclosed/disclosed.js';
export { ExportError } from './export/export-error.js';
export type { ExportHeader } from './export/export-format.js';
export { type OpenExport, openExport, parseExport } from './export/read-export.js';
export { exportLines } from './export/write-export.js';
export { type Preparer, type PreparerThreads, startPreparer } from './frames/preparer.js';
export type { Judged, StoredMessage } from './message.js';
export { makeReceipt, type ReceiptOrder } from './receipt/make-receipt.js';
export { looksLikeReceipt } from './receipt/receipt-format.js';
export { verifyReceipt } from './receipt/verify-receipt.js';
export { distrustIn } from './record/distrust.js';
export { type ExitCode, ExitCodes, exitCodeOf, exitCodeOfError, type Required } from './report/exit-code.js';
export { formatReport } from './report/format-report.js';
export type {
  AuthorityVerdict,
  BundleReport,
  Counts,
  Finding,
  FindingVerdict,
  Head,
  OutsideReport,
  ReceiptFinding,
  RecordVerdict,
  Report,
  SealReport,
  Tip,
} from './report/report.js';
export {
  NO_WITNESSES,
  readWitnessPolicy,
  type Witnesses,
  type WitnessPolicy,
} from './seal/witnesses.js';
export { Tolerances } from './tolerances.js';
export { type Trust, type VerifyOptions, verifyLedger } from './verify-ledger.js';
