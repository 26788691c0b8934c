// The face of @writ/cli: what other tools build on. The commands themselves are reached through `writ`.
export { type ExitCode, ExitCodes, ExitMeanings, exitCodeOf } from './exit-codes.js';
export { CliFault } from './fault.js';
export { createIo, type Io, type IoOptions, runAction } from './io.js';
export { type PlaneAnswer, type RecordedEvent, readAnswer } from './person/answer.js';
export {
  type Ballot,
  type GateBinding,
  type Signed,
  type Signer,
  signCommand,
  signVote,
} from './person/ballot.js';
export {
  type CommandOptions,
  connectPerson,
  type HaltBody,
  type PersonConnection,
} from './person/connect.js';
export { type Servers, startServers } from './plane/servers.js';
export { bringUp, type RunningPlane } from './plane/up.js';
export { createProgram, runProgram } from './program.js';
