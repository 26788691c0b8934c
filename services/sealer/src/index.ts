// The face of the sealer service: how it starts, and the parts that are measured without a bus.
export { openSealTree, type SealTree } from './seal-tree.js';
export { startSealer } from './sealer.js';
export { type Sealing, startSealing } from './sealing.js';
export type { Cadence, SealingParts } from './work.js';
