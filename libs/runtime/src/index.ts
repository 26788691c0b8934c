// The face of the runtime package: names only. It never holds a rule of governance.
export { type Clock, systemClock } from './clock.js';
export { type Env, environmentName, type LogLevel, loadConfig, type ServiceConfig } from './config.js';
export { RUNTIME_CODES, type RuntimeCode, RuntimeFault } from './faults.js';
export { ensureHome, type HomePaths, homePaths } from './home.js';
export { type HealthServer, type HttpHandler, type ReadyCheck, startHealthServer } from './http.js';
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
export { connectPostgres, type PostgresPool, withClient } from './postgres/connect.js';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres/server.js';
export { readPrivateFile, writePrivateFile } from './private-file.js';
export { guardProcess } from './process/guard.js';
export { startShedReports } from './shed-reports.js';
export {
  createTokenBuckets,
  type ShedSummary,
  type TokenBucketOptions,
  type TokenBuckets,
} from './token-bucket.js';
export { uuidv7 } from './uuidv7.js';
export { createKek, type Kek, readKek } from './vault/kek.js';
export { createMemoryVault } from './vault/memory.js';
export { createPostgresVault } from './vault/postgres.js';
export { prepareVault, type VaultUrls } from './vault/prepare.js';
export type { Vault, VaultEntry } from './vault/vault.js';
