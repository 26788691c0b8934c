// The face of the conduct aggregate.
export {
  type AutonomyCommandInput,
  type AutonomyCommandResult,
  type ConductCommandInput,
  type ContainmentCommandResult,
  decideAutonomyCommand,
  decideContainmentCommand,
} from './command.decide.js';
export { evolveConduct } from './conduct.evolve.js';
export {
  type AgentConduct,
  autonomyOf,
  type ConductState,
  type ContainmentView,
  conductInitial,
  conductOf,
  containmentOf,
  type Flag,
} from './conduct.state.js';
export { detect, type Finding } from './detect.js';
export { ConductRules, Detectors, isDeleteLike, ReportRules, resourceClass } from './detectors.js';
export {
  type ChangeResult,
  type ClearInput,
  decideClear,
  decideCoolDown,
  decideFlag,
  dueClears,
  dueCoolDown,
  type FlagInput,
  type FlagResult,
} from './flag.decide.js';
export { type AgentHistory, gatedAt, type History, historyInitial, historyOf } from './history.state.js';
export { observe } from './observe.js';
export {
  decideFlood,
  decideIdReuse,
  type FloodInput,
  type FloodResult,
  type IdReuseInput,
  isReuseFlagged,
  type RecordedIntent,
  reuseFlagId,
} from './report.decide.js';
