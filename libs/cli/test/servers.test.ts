// What stands when bringing the plane up fails: nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installPaths, startNatsServer } from '@writ/runtime';
import { expect, test } from 'vitest';
import { startServers } from '../src/plane/servers.js';
import { bringUp } from '../src/plane/up.js';
import { init, useFolders } from './run-writ.js';

const folder = useFolders();
const NOBODY = 'postgres://nobody:x@127.0.0.1:1/none';

test('when Postgres cannot be prepared, the NATS server that was started ends too, and the claim is given back', async () => {
  const home = await init(folder('home'));
  await expect(bringUp(home, { databaseUrl: NOBODY })).rejects.toThrow();
  const { runDir, natsStore, natsConfig, natsPid, natsLog } = installPaths(home);
  expect([existsSync(join(runDir, 'up.json')), existsSync(join(runDir, 'nats.json'))]).toEqual([
    false,
    false,
  ]);
  // A store has one server: another one starts at once only when the first is gone.
  const again = { storeDir: natsStore, configFile: natsConfig, pidFile: natsPid, logFile: natsLog };
  const nats = await startNatsServer(again);
  await nats.stop();
});

test('stopping ends what was started', async () => {
  const home = await init(folder('stops'));
  const servers = await startServers(home);
  await servers.stop();
  await expect(fetch(servers.natsUrl.replace('nats:', 'http:'))).rejects.toThrow();
});
