// The face of the witness.
export { WitnessFault } from './fault.js';
export {
  initWitness,
  type KnownLog,
  trustLog,
  type WitnessPaths,
  witnessKey,
  witnessPaths,
} from './files.js';
export {
  startWitness,
  type WitnessEvent,
  type WitnessServer,
  type WitnessServerOptions,
} from './server.js';
