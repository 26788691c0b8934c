// The whole plane on one machine: servers, then services. Used by `writ up`, the demo and the end-to-end tests.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPaths, RuntimeFault } from '@writ/runtime';
import { type ServerChoice, type Servers, startServers } from './servers.js';
import { clearRunFiles, type Supervisor, type SupervisorOptions, superviseServices } from './supervisor.js';

export type RunningPlane = {
  readonly servers: Servers;
  readonly supervisor: Supervisor;
  readonly stop: () => Promise<void>;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The process that the claim names; undefined when it cannot be read: it is a stale one then. */
const claimant = (file: string): number | undefined => {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
};

const write = (file: string): boolean => {
  try {
    writeFileSync(file, `${JSON.stringify({ pid: process.pid })}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/** Made at once or not at all, so that of two that begin together one is refused. A claim of a process that is gone is taken over. */
export const claim = (file: string): void => {
  if (write(file)) return;
  const pid = claimant(file);
  if (pid !== undefined && pid !== process.pid && isAlive(pid))
    throw new RuntimeFault('WRIT-CLI-006', `process ${pid} runs it`);
  rmSync(file, { force: true });
  if (!write(file)) throw new RuntimeFault('WRIT-CLI-006', 'another process has just begun to run it');
};

/** Gives a claim up. */
export const release = (file: string): void => rmSync(file, { force: true });

/** Brings the plane of an installation up. Throws WRIT-CLI-003 without one, WRIT-CLI-006 when it runs already. */
export const bringUp = async (
  home: string,
  choice: ServerChoice & SupervisorOptions = {},
): Promise<RunningPlane> => {
  const paths = installPaths(home);
  if (!existsSync(paths.orgFile)) throw new RuntimeFault('WRIT-CLI-003', paths.root);
  const lock = join(paths.runDir, 'up.json');
  claim(lock);
  const free = (): void => release(lock);
  try {
    clearRunFiles(home);
    return await raise(home, choice, free);
  } catch (error) {
    free();
    throw error;
  }
};

const raise = async (
  home: string,
  choice: ServerChoice & SupervisorOptions,
  free: () => void,
): Promise<RunningPlane> => {
  const servers = await startServers(home, choice, choice.onEvent);
  try {
    const supervisor = await superviseServices(home, servers, choice);
    const stop = async (): Promise<void> => {
      await supervisor.stop();
      await servers.stop();
      free();
    };
    return { servers, supervisor, stop };
  } catch (error) {
    await servers.stop();
    throw error;
  }
};
