// `writ reject INTENT`. See vote.ts.
import type { Command } from 'commander';
import type { Io } from '../io.js';
import { registerVote } from './vote.js';

/** Registers `writ reject`. */
export const registerReject = (program: Command, io: Io): void => registerVote(program, io, 'reject');
