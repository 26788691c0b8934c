// The processes that a contract test has started; all of them are stopped after it.
import type { Ledger } from '../../src/index.js';
import { startProcess, type TestProcess, type World } from '../fixtures.js';

const running: TestProcess[] = [];

/** Starts a process over a ledger; `stopRunning` ends it. */
export const run = async (world: World, ledger: Ledger): Promise<TestProcess> => {
  const process = await startProcess(world, ledger);
  running.push(process);
  return process;
};

/** Stops every process that `run` has started. */
export const stopRunning = async (): Promise<void> => {
  for (const process of running.splice(0)) await process.stop();
};
