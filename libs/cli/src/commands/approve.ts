// `writ approve INTENT`. See vote.ts.
import type { Command } from 'commander';
import type { Io } from '../io.js';
import { registerVote } from './vote.js';

/** Registers `writ approve`. */
export const registerApprove = (program: Command, io: Io): void => registerVote(program, io, 'approve');
