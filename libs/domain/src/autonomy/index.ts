// The face of autonomy within @writ/domain.
export { autonomyRank, isConsequential, isHighStakes, requiresGate } from './autonomy.js';
