// The face of the stop aggregate.
export {
  type AckInput,
  type AckResult,
  decideAck,
  decidePreserve,
  decideRestore,
  decideUnconfirmed,
  PRESERVED_MAX_BYTES,
  type PreserveInput,
  type PreserveResult,
  type RestoreInput,
  type RestoreResult,
  type StopAsker,
  type UnconfirmedInput,
  type UnconfirmedResult,
} from './stop.decide.js';
export { evolveStop } from './stop.evolve.js';
export {
  type Acknowledgement,
  acknowledgedBy,
  type Drill,
  type HaltFollowUp,
  type PreservedState,
  preservedOf,
  type StopState,
  stopInitial,
  unconfirmedOf,
} from './stop.state.js';
