// Owns reaching the ledger of an installation whose plane may be down: what runs is used, else the embedded servers are started for as
// long as it takes. It starts no service.
import { join } from 'node:path';
import { installPaths } from '@writ/runtime';
import { isUnreachable } from '../fault.js';
import { organisationIn } from '../home.js';
import { startServers } from '../plane/servers.js';
import { claim, release } from '../plane/up.js';
import { withReader } from '../reading/ledger-view.js';

/** `databaseUrl`: an administrator's address, where one is known. `started`: the servers run for this command alone. */
export type Ground = { readonly databaseUrl: string | undefined; readonly started: boolean };

type Env = Readonly<Record<string, string | undefined>>;

const setting = (env: Env, name: string): string | undefined => env[name] || undefined;

const answers = async (home: string): Promise<boolean> => {
  try {
    await withReader(home, ({ ledger }) => ledger.end());
    return true;
  } catch (error) {
    if (isUnreachable(error)) return false;
    throw error;
  }
};

/**
 * Runs `work` with a bus that answers. WRIT-CLI-003: no installation; WRIT-CLI-006: the plane is just coming up; WRIT-CLI-005 or
 * WRIT-NATS-005: the bus of WRIT_NATS_URL does not answer.
 */
export const onGround = async <T>(
  home: string,
  work: (ground: Ground) => Promise<T>,
  env: Env = process.env,
): Promise<T> => {
  organisationIn(home);
  const databaseUrl = setting(env, 'WRIT_DATABASE_URL');
  const natsUrl = setting(env, 'WRIT_NATS_URL');
  if (natsUrl !== undefined || (await answers(home))) return work({ databaseUrl, started: false });
  const lock = join(installPaths(home).runDir, 'up.json');
  claim(lock);
  try {
    const servers = await startServers(home, { databaseUrl });
    try {
      return await work({ databaseUrl: servers.databaseUrl, started: true });
    } finally {
      await servers.stop();
    }
  } finally {
    release(lock);
  }
};
