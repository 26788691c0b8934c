// The face of the projections package: names only. It reads the ledger and never writes to it.
export { connectReadSide, type ReadSidePool } from './database/connect.js';
export { PROJECTION_VERSION } from './database/names.js';
export { type Build, dropRetired, prepareBuild, prepareDatabase, retireBuilds } from './database/prepare.js';
export { unprepared } from './database/prepared.js';
export { type ReadSideCredentials, type ReadSideUrls, roleUrls } from './database/roles.js';
export type { ReadModel, Row } from './database/tables.js';
export { type Handlers, handlers } from './handlers/handlers.js';
export type { Effective, EventOf, Handler } from './handlers/recorded.js';
export type { PinnedRoot } from './ledger/directory.js';
export { type FaultCode, ProjectionFault } from './projector/fault.js';
export {
  type Projector,
  type ProjectorNotice,
  type ProjectorOptions,
  startProjector,
} from './projector/projector.js';
export { type RebuildOptions, type Rebuilt, rebuild } from './projector/rebuild.js';
export {
  type ActionCursor,
  type ActionFilter,
  type ActionRow,
  actionsOf,
  type Count,
  countsOf,
} from './queries/actions.js';
export { type AgentState, agentState, agentStates } from './queries/agents.js';
export { type EvidenceFilter, type EvidenceRow, evidenceOf } from './queries/evidence.js';
export { type GateState, gates, type VoteRow } from './queries/gates.js';
export { type AcknowledgementRow, type HaltCursor, type HaltState, halts } from './queries/halts.js';
export { type ExportedMessage, exportedMessages, type LedgerHead, ledgerHead } from './queries/ledger.js';
export { openReader, type Reader } from './queries/reader.js';
export { type ChainEvent, type IntentChain, receipt } from './queries/receipt.js';
export { type RegistryHead, registryHead } from './queries/registry.js';
export { type Change, insert, remove, update, upsert } from './rows/change.js';
export type { LedgerSource, SourceMessage } from './source.js';
