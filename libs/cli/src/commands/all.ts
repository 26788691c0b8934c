// Every command, in the order of the help text.
import type { Command } from 'commander';
import { registerDemo } from '../demo/demo.js';
import type { Io } from '../io.js';
import { registerService } from './service.js';
import { registerUp } from './up.js';

/** Registers all commands. */
export const registerAll = (program: Command, io: Io): void => {
  registerUp(program, io);
  registerService(program);
  registerDemo(program, io);
};
