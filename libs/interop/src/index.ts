// The face of @writ/interop: foreign receipts in, foreign shapes out. It opens no file and no connection. Each is documented where
// it is defined.

export { type ForeignCode, ForeignCodes } from './foreign/codes.js';
export type { ForeignKey } from './foreign/keys/foreign-key.js';
export { type ForeignKeysRead, readForeignKeys } from './foreign/keys/read-keys.js';
export { type Recognised, recognise } from './foreign/recognise.js';
export type {
  ForeignCheck,
  ForeignClaims,
  ForeignFormat,
  ForeignReport,
  ForeignSigner,
  ForeignVerdict,
} from './foreign/report.js';
export { verifyForeign } from './foreign/verify-foreign.js';
export { cef, toCef } from './formats/cef.js';
export { cloudevents, toCloudEvent } from './formats/cloudevents.js';
export { csv, toCsv } from './formats/csv.js';
export { agentOf, type ExportedEvent } from './formats/event.js';
export { type ExportFormat, encodeEvents } from './formats/format.js';
export { type ExportFormatName, ExportFormats } from './formats/formats.js';
export {
  type DsseEnvelope,
  type DsseSigner,
  dsseFormat,
  EVENT_PREDICATE_TYPE,
  eventToStatement,
  inToto,
  type Statement,
  type StatementSubject,
  toDsse,
} from './formats/in-toto.js';
export { ndjson, toFlatJson } from './formats/ndjson.js';
export { ocsf, toOcsf } from './formats/ocsf.js';
export { otel, toOtlp } from './formats/otel.js';
export type { DecisionEvent, OutcomeEvent, ReceiptEvent, ReceiptRefused } from './receipts/own.js';
export {
  type DocumentReference,
  RECEIPT_PREDICATE_TYPE,
  type ReceiptPredicate,
  receiptToInToto,
} from './receipts/to-in-toto.js';
export {
  type MappedReceipt,
  type MappingOptions,
  type PermissionProtocolPayload,
  permissionProtocolArtifact,
  receiptToPermissionProtocol,
  type Unmapped,
} from './receipts/to-permission-protocol.js';
