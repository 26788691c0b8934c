// The face of @writ/contracts: the published language. Everything is listed by name.

export { type ApprovalEvent, approvalEvents } from './approval/approval.js';
export {
  Authorisation,
  type AuthorityEvent,
  authorityEvents,
  ReceiptIssuedData,
  UnversionedTypes,
} from './authority/authority.js';
export {
  AutonomyStep,
  AutonomySteps,
  BlastRadius,
  Level,
  Limit,
  OperationPattern,
  PermissionBoundary,
  ResourcePattern,
  Retention,
  Reversibility,
  Rule,
} from './boundary/boundary.js';
export {
  type BundleKind,
  BundleKinds,
  BundleManifest,
  BundleManifestData,
  BundleQuery,
} from './bundle/bundle.js';
export { PortableReceipt } from './bundle/portable-receipt.js';
export {
  type LedgerDocument,
  type LedgerDocumentOf,
  type LedgerEventType,
  type LiveDocumentOf,
  ledgerEvents,
  liveDocuments,
  type ParsedEvent,
  parseLedgerDocument,
  parseLiveDocument,
} from './catalogue.js';
export { type Code, Codes, nextStep, type Refused, refused } from './codes.js';
export {
  ApprovalAction,
  Command,
  CommandData,
  DetectorAction,
  KillSwitchAction,
  ReceiptLedgerAction,
} from './command/command.js';
export {
  AdoptedLedger,
  Criteria,
  Delegation,
  RegistryAction,
  RoleGrant,
  ToolManifest,
} from './command/registry-command.js';
export {
  type ConductEvent,
  Containment,
  ContainmentLevels,
  conductEvents,
  Detector,
} from './conduct/conduct.js';
export {
  DecisionData,
  type DecisionEvent,
  DecisionInputs,
  decisionEvents,
  EscalatedData,
  ReasonCode,
} from './decision/decision.js';
export { AnyLedgerEvent, SourceOf } from './document.js';
export {
  Committed,
  Disclosure,
  DocumentLimits,
  Frame,
  LEDGER_PAYLOAD_TYPE,
  type LiveKind,
  LiveKinds,
  livePayloadType,
} from './frame.js';
export { ApprovalGate, Approvers, PersonRole } from './gate/gate.js';
export { HaltId, HaltInForce, HaltTool, parseHaltBody } from './halt/halt.js';
export {
  AgentScope,
  CommandId,
  covers,
  Decimal,
  Digest,
  EnvironmentScope,
  EventId,
  environmentOf,
  Kid,
  LedgerSeq,
  Name,
  organisationOf,
  PublicKeyX,
  Scope,
  Signature,
  Timestamp,
  Token,
  Version,
} from './ids.js';
export {
  Action,
  DelegationLink,
  Evidence,
  Intent,
  IntentData,
  Reasoning,
  ReversalPath,
} from './intent/intent.js';
export type { JsonObject, JsonValue } from './json.js';
export { Lease, LeaseData, LeaseTimes, Notice, NoticeData } from './lease/lease.js';
export {
  Clamp,
  KnownObligations,
  Obligation,
  type ObligeResult,
  oblige,
  Redact,
  SetArgument,
} from './obligation/obligation.js';
export { type OutcomeEvent, outcomeEvents } from './outcome/outcome.js';
export {
  Effect,
  OutcomeReport,
  OutcomeReportData,
  ReceiptRequest,
  ReceiptRequestData,
} from './receipt/receipt-request.js';
export {
  ErasedData,
  ErasureRequest,
  ErasureTarget,
  HoldRequest,
  HoldTarget,
  Month,
  RetentionDueData,
  SubjectPseudonym,
} from './registry/erasure.js';
export {
  KeyCertificate,
  KeyPossession,
  KeyPossessionData,
  KeyReason,
  KeyRole,
  KeyRoles,
  PublicKeyEntry,
  RootEndorsement,
  SESSION_KEY_MAX_MS,
  SessionKey,
  SessionKinds,
  sessionSubject,
} from './registry/key.js';
export {
  OrganisationFoundedData,
  RegistrarAppointedData,
  type RegistryEvent,
  registryEvents,
} from './registry/registry.js';
export { Refusal, RefusalData } from './reply/refusal.js';
export {
  ConductReport,
  ConductReportData,
  FloodReport,
  IdReuseReport,
  IntakeKind,
  IntakesOf,
  ReportingService,
  ReportingServices,
} from './report/report.js';
export {
  Ack,
  AckData,
  Nonce,
  Preserved,
  PreserveRequest,
  PreserveRequestData,
  State,
  StateData,
  StateRequest,
  StateRequestData,
} from './state/state.js';
export { type StopEvent, stopEvents } from './stop/stop.js';
export {
  Families,
  type Family,
  haltSubjectsOf,
  inboxOf,
  isInboxOf,
  type ParsedSubject,
  parseSubject,
  type ServiceName,
  Services,
  Streams,
  subjects,
} from './subjects.js';
export { Vote, VoteData } from './vote/vote.js';
