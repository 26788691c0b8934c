// The face of the authority aggregate.
export { evolveAuthority } from './authority.evolve.js';
export {
  type AuthorityState,
  authorityInitial,
  fullHaltsCovering,
  type Halt,
  type HaltedAction,
  haltPosition,
  haltsCovering,
  haltsInForce,
  hasFact,
  hasSeenHalt,
  isOpened,
  type ReceiptView,
  receiptOf,
} from './authority.state.js';
export {
  decideOpenEnvironment,
  decideRelease,
  factId,
  type HaltInput,
  haltDraft,
  mostImportant,
  type OpenEnvironmentInput,
  type OpenEnvironmentResult,
  type ReleaseInput,
  type ReleaseResult,
  type RevokeInput,
  revokeDraft,
} from './halt.decide.js';
export { decideReceipt, type ReceiptResult } from './receipt.decide.js';
export type {
  ReceiptDecision,
  ReceiptGate,
  ReceiptInput,
  ReceiptObjection,
  VerdictEffect,
} from './receipt.input.js';
export { haltTouches } from './tool.js';
