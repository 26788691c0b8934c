// The face of the outcome aggregate.
export {
  decideReconcile,
  decideReport,
  decideUnknown,
  type ReconcileInput,
  type ReconcileResult,
  type ReportInput,
  type ReportResult,
  type UnknownInput,
  type UnknownResult,
} from './outcome.decide.js';
export {
  evolveOpenReceipts,
  evolveOutcome,
  type OpenReceipts,
  openReceiptsInitial,
} from './outcome.evolve.js';
export {
  dueUnknown,
  isOverdue,
  type Outcome,
  type OutcomeState,
  OutcomeTimes,
  outcomeInitial,
  outcomeOf,
  type Report,
  type Reporter,
  unknownByIdempotencyKey,
  type Verification,
} from './outcome.state.js';
