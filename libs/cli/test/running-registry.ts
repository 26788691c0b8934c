// A real nats-server with the generated permissions and the real registry service over an installation; gone after the tests.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inboxOf, type ServiceName } from '@writ/contracts';
import { ensureStreams } from '@writ/ledger';
import {
  applyRoster,
  connectBus,
  createLogger,
  installPaths,
  loadConfig,
  type NatsServer,
  type RunningService,
  startNatsServer,
  startService,
} from '@writ/runtime';
import { startRegistry } from '@writ/service-registry';

export type RunningRegistry = {
  readonly url: string;
  /** A connection as a service of the plane, or as `bootstrap`. */
  readonly as: (name: ServiceName | 'bootstrap') => ReturnType<typeof connectBus>;
  readonly stop: () => Promise<void>;
};

/** Starts both and writes `run/nats.json`, as `writ up` does. */
export const startRegistryOver = async (home: string): Promise<RunningRegistry> => {
  const paths = installPaths(home);
  await applyRoster(home);
  const nats: NatsServer = await startNatsServer({
    storeDir: paths.natsStore,
    configFile: paths.natsConfig,
    port: 0,
    logFile: paths.natsLog,
    pidFile: paths.natsPid,
  });
  const open: Awaited<ReturnType<typeof connectBus>>[] = [];
  const as = async (name: ServiceName | 'bootstrap') => {
    const seedFile = paths.natsSeed(name);
    const bus = await connectBus({ url: nats.url, seedFile, inboxPrefix: inboxOf(name), name });
    open.push(bus);
    return bus;
  };
  let registry: RunningService | undefined;
  const stop = async (): Promise<void> => {
    await registry?.stop();
    await Promise.all(open.map((bus) => bus.close()));
    await nats.stop();
    rmSync(paths.runFile('nats'), { force: true });
  };
  try {
    const ready = await ensureStreams(await as('bootstrap'), { replicas: 1 });
    if (ready.kind === 'refused') throw new Error(ready.reason);
    const config = loadConfig({ WRIT_HOME: home, WRIT_NATS_URL: nats.url });
    const log = createLogger({ service: 'registry', level: 'silent' });
    registry = await startService('registry', startRegistry, { config, log });
  } catch (error) {
    await stop();
    throw error;
  }
  mkdirSync(join(home, 'run'), { recursive: true });
  writeFileSync(paths.runFile('nats'), JSON.stringify({ url: nats.url }));
  return { url: nats.url, as, stop };
};
