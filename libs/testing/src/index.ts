// The face of the testing package: names only. It is never a dependency of anything that runs in production.
export {
  type FaultProxy,
  startFaultProxy,
} from './fault-proxy.js';
export { containersBackend } from './servers/containers.js';
export { embeddedBackend } from './servers/embedded.js';
export { chooseBackend, startTestCluster, startTestNats, startTestPostgres } from './servers/start.js';
export { tempDir } from './servers/temp-dir.js';
export type {
  TestBackend,
  TestCluster,
  TestNats,
  TestNatsOptions,
  TestPostgres,
} from './servers/test-backend.js';
