// What a sealer stands on: an installation, a real nats-server with its permissions, a real Postgres. All of it is gone after `stop`.
import { type ChildProcess, fork } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Streams, subjects } from '@writ/contracts';
import {
  createHeads,
  headLeaves,
  headsRootOf,
  ledgerLeafHash,
  messageAgent,
  type NoteKey,
  readKeyFile,
  readNote,
  rootOfLeaves,
  verifyNote,
} from '@writ/crypto';
import { createJetStreamLedger, ensureStreams, type Ledger, type StoredMessage } from '@writ/ledger';
import {
  connectBus,
  connectPostgres,
  createLogger,
  createSealReader,
  initInstallation,
  installPaths,
  loadConfig,
  loadOrganisation,
  type NatsServer,
  type PostgresPool,
  prepareSeals,
  type RunningService,
  sealPasswordFiles,
  sealUrl,
  startNatsServer,
  startService,
} from '@writ/runtime';
import { type TestPostgres, tempDir } from '@writ/testing';
import { startSealer } from '../src/index.js';
import { noteKeyOf, readSigned, type SignedCheckpoint } from '../src/notes.js';

export const ORG = 'acme';
const writ = fileURLToPath(new URL('../../../libs/cli/bin/writ.js', import.meta.url));

export const until = async (holds: () => Promise<boolean> | boolean, ms = 20_000): Promise<void> => {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('it did not come to that in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** Everything of the ledger, read by the registry's identity. */
export const allOf = async (ledger: Ledger): Promise<readonly StoredMessage[]> => {
  const end = await ledger.end();
  const messages: StoredMessage[] = [];
  if (end === 0) return messages;
  const abort = new AbortController();
  for await (const message of ledger.read(1, { signal: abort.signal })) {
    messages.push(message);
    if (message.seq >= end) break;
  }
  abort.abort();
  return messages;
};

/** The roots of the first `size` messages, the naive way. */
export const naiveRoots = (messages: readonly StoredMessage[], size: number) => {
  const heads = createHeads();
  const leaves = messages.slice(0, size).map((message) => {
    const leaf = ledgerLeafHash(message);
    heads.take(message.subject, messageAgent(message), message.seq, leaf);
    return leaf;
  });
  return { root: rootOfLeaves(leaves), headsRoot: headsRootOf(headLeaves(heads.all())), leaves };
};

export type Logged = { readonly event?: string; readonly code?: string };

let databases = 0;

/** On a Postgres of the whole file, in a database of its own. */
export const startGround = async (postgres: TestPostgres) => {
  const dir = tempDir();
  const home = join(dir.path, 'writ');
  const paths = installPaths(home);
  const environments = [{ project: 'shop', environment: 'prod' }];
  initInstallation({ home, org: ORG, admin: 'dana', environments });
  const read = loadOrganisation(paths.orgFile);
  if (read.kind === 'refused') throw new Error(read.reason);
  const { origin } = read.organisation;
  databases += 1;
  const adminUrl = await postgres.createDatabase(`writ_${databases}`);
  await prepareSeals(adminUrl, paths);
  const logged: Logged[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  const children: ChildProcess[] = [];
  let stores = 0;
  let nats: NatsServer;
  let appender: { ledger: Ledger; decision: Ledger; close(): Promise<void> };

  const as = (name: string) =>
    connectBus({ url: nats.url, seedFile: paths.natsSeed(name), inboxPrefix: `_INBOX.${name}`, name });

  const raise = async (storeDir: string): Promise<void> => {
    nats = await startNatsServer({ storeDir, configFile: paths.natsConfig, port: nats?.port ?? 0 });
    const bootstrap = await as('bootstrap');
    await ensureStreams(bootstrap, { replicas: 1 });
    await bootstrap.close();
    const [registry, decision] = [await as('registry'), await as('decision')];
    const ledgers = [registry, decision].map((connection) => createJetStreamLedger({ connection }));
    const close = async () => {
      for (const ledger of ledgers) await ledger.close();
      await Promise.all([registry.close(), decision.close()]);
    };
    appender = { ledger: ledgers[0]!, decision: ledgers[1]!, close };
  };

  const append = async (subject: string, texts: readonly (string | Uint8Array)[]): Promise<void> => {
    const ledger = subject.includes('.decision.') ? appender.decision : appender.ledger;
    for (let at = 0; at < texts.length; at += 500) {
      const messages = texts.slice(at, at + 500).map((text) => ({ id: 'x', bytes: Buffer.from(text) }));
      const outcome = await ledger.append({ subject, expected: 'any', messages });
      if (outcome.kind !== 'stored') throw new Error(outcome.kind);
    }
  };

  const registrySubject = subjects.ledger('registry', ORG);
  const decisionSubject = subjects.ledger('decision', `${ORG}.shop.prod`);
  const genesis = (): Promise<void> =>
    append(registrySubject, [readFileSync(paths.bootstrapFile, 'utf8').split('\n')[0] ?? '']);

  const bare = () => {
    const url = new URL(adminUrl);
    url.username = '';
    url.password = '';
    return url.toString();
  };
  const env = () => ({ WRIT_HOME: home, WRIT_NATS_URL: nats.url, WRIT_DATABASE_URL: bare() });
  const log = createLogger({
    service: 'sealer',
    level: 'info',
    stream: { write: (line: string) => void logged.push(JSON.parse(line)) },
  });

  const pool: PostgresPool = connectPostgres(adminUrl, { max: 2 });
  const reader = createSealReader(connectPostgresAs('reader'));
  function connectPostgresAs(role: 'reader' | 'writer'): PostgresPool {
    const made = connectPostgres(sealUrl(bare(), role, sealPasswordFiles(paths)[role]), { max: 2 });
    closers.push(() => made.end());
    return made;
  }

  await raise(join(dir.path, 'store-0'));
  return {
    home,
    paths,
    origin,
    pool,
    reader,
    logged,
    adminUrl,
    registrySubject,
    decisionSubject,
    as,
    append,
    genesis,
    nats: () => nats,
    ledger: () => appender.ledger,
    key: (): NoteKey => noteKeyOf(origin, readKeyFile(paths.keyFile('sealer'))),
    /** The sealer in this process. */
    start: async (): Promise<RunningService> =>
      startService('sealer', startSealer, { config: loadConfig(env()), log }),
    /** The sealer as a process, from the built files. */
    spawn: (): ChildProcess => {
      const out = openSync(join(dir.path, 'sealer.log'), 'a');
      const child = fork(writ, ['service', 'sealer'], {
        stdio: ['ignore', out, out, 'ipc'],
        execArgv: [],
        env: { PATH: process.env['PATH'], ...env() },
      });
      children.push(child);
      return child;
    },
    log: () => readFileSync(join(dir.path, 'sealer.log'), 'utf8'),
    /** Another ledger under the same address: what a restored or forged store looks like. */
    replaceLedger: async (): Promise<void> => {
      await appender.close();
      await nats.stop();
      stores += 1;
      await raise(join(dir.path, `store-${stores}`));
    },
    prepare: () => prepareSeals(adminUrl, paths),
    published: async (): Promise<readonly SignedCheckpoint[]> => {
      const bus = await as('sealer');
      const stream = createJetStreamLedger({ connection: bus, stream: Streams.checkpoints });
      const notes: SignedCheckpoint[] = [];
      for await (const { bytes } of stream.load(subjects.checkpoint(ORG), 0)) {
        const signed = readSigned(Buffer.from(bytes).toString('utf8'));
        if (signed !== undefined) notes.push(signed);
      }
      await stream.close();
      await bus.close();
      return notes;
    },
    sealedUpTo: async (size: number, ms?: number): Promise<void> =>
      until(async () => ((await reader.latest())?.size ?? 0) >= size, ms),
    verifies: (note: string, key: NoteKey): boolean => {
      const taken = readNote(note);
      const verdict = taken === undefined ? undefined : verifyNote(taken, [key]);
      return verdict?.ok === true && verdict.signers.length === 1;
    },
    stop: async (): Promise<void> => {
      for (const child of children) child.kill('SIGKILL');
      await appender.close();
      await Promise.all(closers.map((close) => close()));
      await pool.end();
      await nats.stop();
      dir.remove();
    },
  };
};

export type Ground = Awaited<ReturnType<typeof startGround>>;
