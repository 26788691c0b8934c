// The face of @writ/client: what an agent or a tool-side enforcement point embeds. Everything is listed by name.

export { currentRun } from './action/execute.js';
export type { AuthorityOptions } from './action/wrap.js';
export { connectWrit, type WritClient } from './client.js';
export type { ClientClock, Instant } from './clock.js';
export { type Credentials, checkCredentials, readCredentials } from './credentials.js';
export { connectEnforcementPoint, type EnforcementPoint } from './enforcement-point.js';
export { WritError } from './errors.js';
export type { HaltHooks } from './halt/watch.js';
export type { ConnectOptions } from './plane.js';
export type { PinnedRoot } from './trust/keys.js';
export type {
  Args,
  Authorisation,
  AuthorizeOptions,
  Capabilities,
  Capability,
  CapabilityLimit,
  ClientEvent,
  ClientLog,
  ClientStatus,
  DecisionSummary,
  EnforcedCall,
  EnforceRequest,
  EvidenceInput,
  ExecuteOptions,
  Execution,
  GateStatus,
  HaltNotice,
  HaltView,
  HandleJson,
  IntentHandle,
  IntentInput,
  Receipt,
  ReversalMethod,
  RunContext,
  VerifierReport,
} from './types.js';
