// The face of the approval aggregate.
export {
  decideFreeze,
  decideOpenGate,
  decideThaw,
  decideTimeout,
  type EscalatedDecision,
  type FreezeInput,
  type FreezeResult,
  intentDeadlineOf,
  type OpenGateInput,
  type OpenGateResult,
  type ThawInput,
  type ThawResult,
  type TimeoutInput,
  type TimeoutResult,
} from './approval.decide.js';
export { evolveApproval } from './approval.evolve.js';
export {
  type ApprovalState,
  approvalInitial,
  type CastVote,
  dueGates,
  type EventRef,
  type Gate,
  type GateResult,
  type GateView,
  gateOf,
  nextGateDue,
  openGates,
} from './approval.state.js';
export { approversNow, type ResolvedApprovers, resolveApprovers } from './approvers.js';
export { decideVote, type VoteInput, type VoteResult } from './vote.decide.js';
