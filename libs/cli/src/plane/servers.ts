// Brings up what the plane stands on: NATS with the generated permissions, Postgres, streams, schemas. Starts no service.
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { inboxOf } from '@writ/contracts';
import { ensureStreams } from '@writ/ledger';
import { prepareDatabase } from '@writ/projections';
import {
  applyRoster,
  connectBus,
  type InstallPaths,
  installPaths,
  prepareVault,
  RuntimeFault,
  startNatsServer,
  startPostgres,
} from '@writ/runtime';
import { databaseCredentials, secretFiles } from '@writ/service-read-model';

/** Addresses of the running servers. `stop` ends those that were started here. */
export type Servers = {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly stop: () => Promise<void>;
};

export type ServerChoice = {
  readonly natsUrl?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly replicas?: 1 | 3;
  /** The port that the embedded NATS server takes when it is free; any free one otherwise. */
  readonly natsPort?: number;
};

type Started<T> = T & { stop(): Promise<void> };

/** Whether nothing listens there: an agent's credentials name the usual port, so it is worth a look. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

const startNats = async (home: string, wanted: number): Promise<Started<{ url: string; pid: number }>> => {
  const paths = installPaths(home);
  await applyRoster(home);
  const port = wanted !== 0 && (await isFree(wanted)) ? wanted : 0;
  return startNatsServer({
    storeDir: paths.natsStore,
    configFile: paths.natsConfig,
    port,
    logFile: paths.natsLog,
    pidFile: paths.natsPid,
  });
};

/** Makes the streams with the bootstrap identity, and refuses any that is not as it must be. `waitMs` bounds the first connect. */
export const makeStreams = async (
  paths: InstallPaths,
  natsUrl: string,
  replicas: 1 | 3,
  waitMs = 5_000,
): Promise<void> => {
  const seedFile = paths.natsSeed('bootstrap');
  const bus = await connectBus({
    url: natsUrl,
    seedFile,
    inboxPrefix: inboxOf('bootstrap'),
    name: 'bootstrap',
    waitMs,
  });
  try {
    const ready = await ensureStreams(bus, { replicas });
    if (ready.kind === 'refused') throw new RuntimeFault(ready.code, ready.reason);
  } finally {
    await bus.close();
  }
};

const makeSchemas = async (home: string, databaseUrl: string): Promise<void> => {
  const paths = installPaths(home);
  await prepareVault(databaseUrl, paths.vaultCredentialsFile);
  await prepareDatabase(databaseUrl, { credentials: databaseCredentials(secretFiles(paths).database) });
};

/** The usual port of a NATS server. */
export const USUAL_NATS_PORT = 4222;

/** Starts or reaches NATS and Postgres and prepares both. Everything is idempotent: a second start finds what the first one made. */
export const startServers = async (home: string, choice: ServerChoice = {}): Promise<Servers> => {
  const paths = installPaths(home);
  const [nats, postgres] = await Promise.all([
    choice.natsUrl === undefined ? startNats(home, choice.natsPort ?? 0) : undefined,
    choice.databaseUrl === undefined ? startPostgres({ dir: paths.postgresDir }) : undefined,
  ]);
  const natsUrl = choice.natsUrl ?? (nats?.url as string);
  const databaseUrl = choice.databaseUrl ?? ((await postgres?.createDatabase('writ')) as string);
  await Promise.all([makeStreams(paths, natsUrl, choice.replicas ?? 1), makeSchemas(home, databaseUrl)]);
  const runFile = join(paths.runDir, 'nats.json');
  writeFileSync(runFile, `${JSON.stringify({ url: natsUrl, pid: nats?.pid ?? null })}\n`, { mode: 0o600 });
  return {
    natsUrl,
    databaseUrl,
    stop: async () => {
      rmSync(runFile, { force: true });
      await nats?.stop();
      await postgres?.stop();
    },
  };
};
