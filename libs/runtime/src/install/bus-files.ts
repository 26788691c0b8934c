// Owns the configuration files of the server and their reload. The accounts are always derived from the roster, never edited.
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Roster } from '../bus/roster.js';
import { accountsConfig, type ServerOptions, serverSettings } from '../bus/server-config.js';
import { reloadAndWait } from '../nats-server/reload.js';
import { runsAs } from '../process/alive.js';
import type { ServerProcess } from '../process/child.js';
import { replaceFile } from './atomic-file.js';
import type { InstallPaths } from './layout.js';

/** What became of the running server: it has the new accounts, or there is none here that could. */
export type Reload = 'reloaded' | 'not-running';

/** Settings that init leaves to the operator. */
export type ServerPlace = Pick<ServerOptions, 'host' | 'port' | 'name'>;

/** Writes server.conf, which includes the accounts. Paths in it are those of `final`, where the folder will stand. */
export function writeServerSettings(paths: InstallPaths, final: InstallPaths, place: ServerPlace): void {
  const options = {
    ...place,
    storeDir: final.natsStore,
    pidFile: final.natsPid,
    portsFileDir: final.natsDir,
  };
  replaceFile(paths.natsConfig, serverSettings(options, basename(paths.natsPermissions)));
}

/** Writes the accounts of a roster in one step: a server that reads them meanwhile sees the old ones or the new ones. */
export function writeAccounts(paths: InstallPaths, roster: Roster): void {
  replaceFile(paths.natsPermissions, accountsConfig(roster));
}

/**
 * Has the running server read its accounts again, without dropping a connection whose user is still there. Resolves when
 * the server says that it has; throws WRIT-NATS-003 with its words when it refuses: it then goes on with the old ones.
 */
export async function reloadBus(paths: InstallPaths): Promise<Reload> {
  const pid = readPid(paths.natsPid);
  const alive = () => pid !== undefined && runsAs(pid, 'nats', paths.natsDir);
  if (pid === undefined || !alive()) return 'not-running';
  const server = { alive, signal: (name: NodeJS.Signals) => void process.kill(pid, name) };
  await reloadAndWait(server as ServerProcess, paths.natsLog);
  return 'reloaded';
}

function readPid(path: string): number | undefined {
  return existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined : undefined;
}
