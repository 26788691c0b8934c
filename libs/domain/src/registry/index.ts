// The face of registry within @writ/domain.
export { type Appointment, appointRegistrar, endorsersOf } from './registry.appoint.js';
export { type Author, mayAsk } from './registry.authority.js';
export { decideRegistry, type RegistryInput, type RegistryResult } from './registry.decide.js';
export {
  type Distrust,
  distrustOf,
  mentionsDistrust,
  noDistrust,
  type OpenRegistry,
  officeOf,
  type PinnedRoots,
  type RegistryMessage,
  rootedDirectory,
} from './registry.distrust.js';
export {
  decideErased,
  decideRetention,
  type ErasureResult,
  erasedEventId,
  erasedFlaw,
} from './registry.erasure.js';
export {
  type ErasureDone,
  type ErasureOrder,
  type ErasureScope,
  explainMissing,
  holdOver,
  holdsInForce,
  type LegalHold,
  type Missing,
  type MissingDisclosure,
  openErasures,
} from './registry.erasure.state.js';
export { evolveRegistry, evolveVoidRegistry } from './registry.evolve.js';
export { type Founding, foundOrganisation } from './registry.found.js';
export type { Possession } from './registry.keys.js';
export {
  activeKeysOf,
  agentOf,
  agents,
  boundaryByDigest,
  boundaryFor,
  changedAt,
  enforcementPointOf,
  environments,
  findKey,
  gateByDigest,
  gateFor,
  hasRole,
  holdersOf,
  isKeyActive,
  keyDirectory,
  personOf,
} from './registry.queries.js';
export {
  type AgentRecord,
  type DelegationRecord,
  type EnforcementPointRecord,
  type EnvironmentRecord,
  type PersonRecord,
  type PublishedBoundary,
  type PublishedGate,
  type RegistryKey,
  type RegistryState,
  type RootKey,
  registryInitial,
} from './registry.state.js';
