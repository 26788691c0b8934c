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
  type NatsServer,
  type Postgres,
  prepareSeals,
  prepareVault,
  RuntimeFault,
  startNatsServer,
  startPostgres,
} from '@writ/runtime';
import { databaseCredentials, secretFiles } from '@writ/service-read-model';
import type { SupervisorEvent } from './event.js';
import { keepServer } from './server-keeper.js';

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

/** Whether nothing listens there: an agent's credentials name the usual port, so it is worth a look. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

const startNats = async (home: string, wanted: number): Promise<NatsServer> => {
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
  await prepareSeals(databaseUrl, paths);
  await prepareDatabase(databaseUrl, { credentials: databaseCredentials(secretFiles(paths).database) });
};

/** An address of a database without a user: each reaches it with the credentials of its own roles. */
export const withoutUser = (url: string): string => {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.toString();
};

/** The usual port of a NATS server. */
export const USUAL_NATS_PORT = 4222;

/** What was started here; what runs elsewhere is undefined. */
type Embedded = { readonly nats: NatsServer | undefined; readonly postgres: Postgres | undefined };

/** Starts what is not reached elsewhere: both, or none when one of them fails. */
const startEmbedded = async (home: string, choice: ServerChoice): Promise<Embedded> => {
  const { postgresDir } = installPaths(home);
  const [nats, postgres] = await Promise.allSettled([
    choice.natsUrl === undefined ? startNats(home, choice.natsPort ?? 0) : undefined,
    choice.databaseUrl === undefined ? startPostgres({ dir: postgresDir }) : undefined,
  ]);
  if (nats.status === 'fulfilled' && postgres.status === 'fulfilled')
    return { nats: nats.value, postgres: postgres.value };
  for (const started of [nats, postgres]) if (started.status === 'fulfilled') await started.value?.stop();
  throw [nats, postgres].find((started) => started.status === 'rejected')?.reason;
};

/**
 * Starts or reaches NATS and Postgres and prepares both. Everything is idempotent: a second start finds what the first one made.
 * What was started here is started again when it dies, on the same port and store, and ends when this fails.
 */
export const startServers = async (
  home: string,
  choice: ServerChoice = {},
  onEvent: (event: SupervisorEvent) => void = () => undefined,
): Promise<Servers> => {
  const embedded = await startEmbedded(home, choice);
  try {
    return await prepareServers(home, choice, embedded, onEvent);
  } catch (error) {
    await Promise.all([embedded.nats?.stop(), embedded.postgres?.stop()]);
    throw error;
  }
};

/** Where the database is, without anybody's password. */
const noteDatabase = (paths: InstallPaths, databaseUrl: string): void => {
  const note = `${JSON.stringify({ url: withoutUser(databaseUrl) })}\n`;
  writeFileSync(paths.runFile('postgres'), note, { mode: 0o600 });
};

const prepareServers = async (
  home: string,
  choice: ServerChoice,
  { nats, postgres }: Embedded,
  onEvent: (event: SupervisorEvent) => void,
): Promise<Servers> => {
  const paths = installPaths(home);
  const natsUrl = choice.natsUrl ?? (nats?.url as string);
  const databaseUrl = choice.databaseUrl ?? ((await postgres?.createDatabase('writ')) as string);
  const runFile = join(paths.runDir, 'nats.json');
  const makeOurStreams = () => makeStreams(paths, natsUrl, choice.replicas ?? 1);
  const noteNats = (): void =>
    writeFileSync(runFile, `${JSON.stringify({ url: natsUrl, pid: nats?.pid ?? null })}\n`, { mode: 0o600 });
  const prepareNats = async (): Promise<void> => {
    await makeOurStreams();
    noteNats();
  };
  await Promise.all([makeOurStreams(), makeSchemas(home, databaseUrl)]);
  noteNats();
  noteDatabase(paths, databaseUrl);
  const kept = [
    nats && keepServer(nats, { name: 'nats', prepare: prepareNats, onEvent }),
    postgres && keepServer(postgres, { name: 'postgres', prepare: async () => undefined, onEvent }),
  ];
  return {
    natsUrl,
    databaseUrl,
    stop: async () => {
      for (const file of [runFile, paths.runFile('postgres')]) rmSync(file, { force: true });
      for (const keeper of kept) await keeper?.stop();
    },
  };
};
