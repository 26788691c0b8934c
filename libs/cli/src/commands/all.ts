// Every command, in the order of the help text.
import type { Command } from 'commander';
import { registerDemo } from '../demo/demo.js';
import type { Io } from '../io.js';
import { registerAgent } from './agent.js';
import { registerApprove } from './approve.js';
import { registerBoundary, registerGate } from './boundary.js';
import { registerHalt } from './halt.js';
import { registerInit } from './init.js';
import { registerPerson } from './person.js';
import { registerPrepare } from './prepare.js';
import { registerReject } from './reject.js';
import { registerRelease } from './release.js';
import { registerReplay } from './replay.js';
import { registerService } from './service.js';
import { registerStatus } from './status.js';
import { registerUp } from './up.js';
import { registerVerify } from './verify.js';

/** Registers all commands. */
export const registerAll = (program: Command, io: Io): void => {
  registerInit(program, io);
  registerUp(program, io);
  registerPrepare(program, io);
  registerService(program);
  registerAgent(program, io);
  registerPerson(program, io);
  registerBoundary(program, io);
  registerGate(program, io);
  registerApprove(program, io);
  registerReject(program, io);
  registerHalt(program, io);
  registerRelease(program, io);
  registerStatus(program, io);
  registerVerify(program, io);
  registerReplay(program, io);
  registerDemo(program, io);
};
