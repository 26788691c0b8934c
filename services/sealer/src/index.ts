// The face of the sealer service.
export { startSealer } from './sealer.js';
