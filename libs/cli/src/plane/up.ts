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

const claim = (file: string): void => {
  if (existsSync(file)) {
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number };
    if (pid !== process.pid && isAlive(pid)) throw new RuntimeFault('WRIT-CLI-006', `process ${pid} runs it`);
  }
  writeFileSync(file, `${JSON.stringify({ pid: process.pid })}\n`, { mode: 0o600 });
};

/** Brings the plane of an installation up. Throws WRIT-CLI-003 without one, WRIT-CLI-006 when it runs already. */
export const bringUp = async (
  home: string,
  choice: ServerChoice & SupervisorOptions = {},
): Promise<RunningPlane> => {
  const paths = installPaths(home);
  if (!existsSync(paths.orgFile)) throw new RuntimeFault('WRIT-CLI-003', paths.root);
  const lock = join(paths.runDir, 'up.json');
  claim(lock);
  clearRunFiles(home);
  const servers = await startServers(home, choice);
  try {
    const supervisor = await superviseServices(home, servers, choice);
    const stop = async (): Promise<void> => {
      await supervisor.stop();
      await servers.stop();
      rmSync(lock, { force: true });
    };
    return { servers, supervisor, stop };
  } catch (error) {
    await servers.stop();
    rmSync(lock, { force: true });
    throw error;
  }
};
