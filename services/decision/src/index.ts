// The face of the decision service.
export { startDecision } from './decision.js';
