// The face of decision within @writ/domain.
export { limitCounters } from './counters.js';
export { decideIntent } from './decision.decide.js';
export { decisionEventId } from './decision.events.js';
export { effectOf, evolveDecision, isDecision } from './decision.evolve.js';
export type { ConductView, DecisionData, IntentInput, IntentResult } from './decision.input.js';
export {
  type AnsweredIntent,
  type DecisionState,
  DecisionTimes,
  decisionInitial,
  uuidTime,
} from './decision.state.js';
export { agreesWith, rederiveUnder, rederiveVerdict } from './rederive.js';
export { decideUndecided, type SweepResult } from './sweep.js';
