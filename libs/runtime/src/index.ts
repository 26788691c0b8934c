// The face of the runtime package: names only. It never holds a rule of governance.

export type { Msg } from '@nats-io/transport-node';
export type { BusAccount, BusUser, Permissions } from './bus/bus-user.js';
export {
  agentPermissions,
  busUsers,
  enforcementPointPermissions,
  personPermissions,
  ReaderSubjects,
  readerPermissions,
} from './bus/permissions.js';
export { createReaderLedger, type ReaderLedger, type ReaderOptions } from './bus/reader.js';
export {
  HaltingServices,
  type Roster,
  type RosterAgent,
  type RosterPerson,
  readRoster,
} from './bus/roster.js';
export {
  type AccountLimits,
  accountsConfig,
  MAX_PAYLOAD,
  type ServerOptions,
  serverConfig,
  serverSettings,
} from './bus/server-config.js';
export {
  bootstrapPermissions,
  type PlaneService,
  PlaneServices,
  servicePermissions,
} from './bus/service-permissions.js';
export { readViolation, readViolations, type Violation } from './bus/violations.js';
export { type Clock, systemClock } from './clock.js';
export { type Env, environmentName, type LogLevel, loadConfig, type ServiceConfig } from './config.js';
export { type RuntimeCode, RuntimeFault } from './faults.js';
export { ensureHome, type HomePaths, homePaths } from './home.js';
export { type HealthServer, type HttpHandler, type ReadyCheck, startHealthServer } from './http.js';
export { replaceFile } from './install/atomic-file.js';
export { type Reload, reloadBus } from './install/bus-files.js';
export {
  type CertificateRequest,
  certificateFor,
  certificateOf,
  verifyPossession,
} from './install/certificate.js';
export { type Endorsing, endorse, endorseWith } from './install/endorse.js';
export { type InitOptions, type Installed, initInstallation } from './install/init.js';
export { type InstallPaths, installPaths } from './install/layout.js';
export {
  type Added,
  addAgent,
  addAuditor,
  addEnforcementPoint,
  addPerson,
  applyRoster,
  type Changed,
  type Member,
  removeMember,
  rewriteMember,
  setHaltScopes,
} from './install/members.js';
export { loadOrganisation, type OrganisationFile } from './install/organisation-file.js';
export { forgetOldKey, hasNextKey, nextKey, oldKey, takeNextKey } from './install/rotation.js';
export {
  EXIT_CODES,
  type RunningService,
  runService,
  type ServiceContext,
  type ServiceStart,
  startService,
} from './lifecycle.js';
export { createLogger, type Log, type LoggerOptions } from './log.js';
export { createMetrics, type Metrics } from './metrics.js';
export { type BusOptions, connectBus } from './nats-connect.js';
export { assertNatsVersion, findNatsServer, type NatsBinary } from './nats-server/binary.js';
export { type NatsCluster, startNatsCluster } from './nats-server/cluster.js';
export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server/server.js';
export { publishReport } from './plane/conduct-reports.js';
export { connectPlane, FRESH_MS } from './plane/connect.js';
export { readDistrust } from './plane/distrust.js';
export { type EventLoopWatch, watchEventLoop } from './plane/event-loop.js';
export {
  type HaltDemand,
  type HaltDemandOptions,
  type HaltDemands,
  keepHaltDemands,
} from './plane/halt-demands.js';
export { type Answer, createIntake, type IntakeOptions, type Received } from './plane/intake.js';
export { type KeepFor, keepDisclosures } from './plane/keep-disclosures.js';
export { type Adoption, type AdoptionView, judgeAdoption, readAdoption } from './plane/ledger-adoption.js';
export { beginsAs } from './plane/ledger-look.js';
export { signLive, signLiveWith, timestamp } from './plane/live.js';
export { type LedgerMarkFile, type ReadMark, readLedgerMark } from './plane/mark-file.js';
export { onlyHaltsOfAuthority } from './plane/only-halts.js';
export { type OpenedLive, openLive } from './plane/open-live.js';
export { type Organisation, readOrganisation } from './plane/organisation.js';
export {
  type Evolve,
  type Folded,
  openPlane,
  type Plane,
  type PlaneOptions,
  publicKeyOf,
  type WriterPool,
} from './plane/plane.js';
export { keepRegistryFrames, type RegistryFrames } from './plane/registry-frames.js';
export { openSession, type Session } from './plane/session.js';
export { rememberFrames, type StoredFrames } from './plane/stored-frames.js';
export { startTicker } from './plane/ticker.js';
export { connectPostgres, type PostgresPool, withClient } from './postgres/connect.js';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres/server.js';
export { readPrivateFile, writePrivateFile } from './private-file.js';
export { guardProcess } from './process/guard.js';
export { type AgentHead, type ProvedHead, proveAgentHead } from './seals/heads-proof.js';
export { prepareSeals, type SealRole, sealPasswordFiles, sealUrl } from './seals/prepare.js';
export { createSealReader, type SealReader, type StoredCheckpoint } from './seals/reader.js';
export {
  type KeptSeals,
  openSealStore,
  type SealState,
  type SealStep,
  type SealStore,
} from './seals/store.js';
export { growTiles, type OpenTiles, openTilesOf, type Tile, type TilePlace } from './seals/tiles.js';
export { startShedReports } from './shed-reports.js';
export {
  createTokenBuckets,
  type ShedSummary,
  type TokenBucketOptions,
  type TokenBuckets,
} from './token-bucket.js';
export { uuidv7 } from './uuidv7.js';
export {
  createVaultEraser,
  type ErasureOutcome,
  erasedDigests,
  erasedUnder,
  type VaultEraser,
} from './vault/erase.js';
export { createKek, type Kek, readKek } from './vault/kek.js';
export { commandKek } from './vault/kek-command.js';
export { createMemoryVault } from './vault/memory.js';
export {
  type OpenEraser,
  type OpenVault,
  openEraser,
  openKek,
  openVault,
  openVaultReader,
  type VaultContext,
  type VaultReader,
} from './vault/open.js';
export { createPostgresVault, withPlaces } from './vault/postgres.js';
export { eraserFileBeside, prepareVault, type VaultUrls } from './vault/prepare.js';
export { rewrapVault } from './vault/rewrap.js';
export {
  createMemorySubjectNames,
  createSubjectNames,
  type SubjectNames,
} from './vault/subject-names.js';
export type { Vault, VaultEntry } from './vault/vault.js';
