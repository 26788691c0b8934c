// What somebody with the bootstrap seed or the store's files can do to the ledger, and the installation that it is done to.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringUp, type RunningPlane } from '@writ/cli';
import { inboxOf, Streams } from '@writ/contracts';
import { connectBus, type InstallPaths, initInstallation, installPaths } from '@writ/runtime';
import { connectPerson } from '../../libs/cli/src/person/connect.js';

type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };
type Json = Readonly<Record<string, unknown>>;

const WRIT = join(import.meta.dirname, '../../libs/cli/bin/writ.js');

/** Runs `writ` as a process of its own. */
export const runWrit = (env: Readonly<Record<string, string>>, argv: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 60_000 };
    execFile(process.execPath, [WRIT, ...argv], options, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? 70), stdout, stderr }),
    );
  });

/** Keeps the last message alone, with the bootstrap seed, and makes the stream look as before. Returns how many are left. */
const cutBeginning = async (paths: InstallPaths, url: string): Promise<number> => {
  const seedFile = paths.natsSeed('bootstrap');
  const bus = await connectBus({ url, seedFile, inboxPrefix: inboxOf('bootstrap'), name: 'bootstrap' });
  const api = async (verb: string, body: object = {}): Promise<Json> => {
    const subject = `$JS.API.STREAM.${verb}.${Streams.ledger}`;
    const answer = (await bus.request(subject, JSON.stringify(body), { timeout: 3_000 })).json<Json>();
    if (answer['error'] !== undefined) throw new Error(JSON.stringify(answer['error']));
    return answer;
  };
  try {
    const config = (await api('INFO'))['config'] as Json;
    await api('UPDATE', { ...config, max_msgs: 1, discard: 'old' });
    await api('UPDATE', config);
    return ((await api('INFO'))['state'] as { messages: number }).messages;
  } finally {
    await bus.close();
  }
};

/** Takes the store away beneath the running server, which crashes: the next one begins with nothing. */
const loseStore = (paths: InstallPaths): void => {
  const { pid } = JSON.parse(readFileSync(paths.runFile('nats'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGSTOP');
  rmSync(paths.natsStore, { recursive: true });
  process.kill(pid, 'SIGKILL');
};

/** Copies the store of a stopped plane; `back` puts the copy where the store is. */
const copyStore = ({ natsStore, root }: InstallPaths): { readonly back: () => void } => {
  const copy = mkdtempSync(join(root, '..', 'store-'));
  cpSync(natsStore, copy, { recursive: true });
  const back = (): void => {
    rmSync(natsStore, { recursive: true });
    cpSync(copy, natsStore, { recursive: true });
  };
  return { back };
};

/** Whether the registry records a command of alice's. */
const records = async (home: string, project: string): Promise<boolean> => {
  try {
    const alice = await connectPerson(home, 'alice');
    try {
      return (await alice.command('registry', { do: 'create-project', project })).kind === 'recorded';
    } finally {
      await alice.close();
    }
  } catch {
    return false;
  }
};

/** An installation of its own in a temporary folder, with the embedded servers. */
export const tamperedInstallation = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'writ-tamper-'));
  const home = join(folder, '.writ');
  const paths = installPaths(home);
  const environments = [{ project: 'shop', environment: 'prod' }];
  const made = await initInstallation({ home, org: 'acme', admin: 'alice', environments });
  if (made.kind === 'refused') throw new Error(made.reason);
  process.execArgv = [];
  let plane: RunningPlane | undefined;
  const events: string[] = [];
  const down = async (): Promise<void> => {
    await plane?.stop();
    plane = undefined;
  };
  const writ = (...argv: readonly string[]) => runWrit({ WRIT_HOME: home }, argv);
  return {
    home,
    paths,
    /** What happened to the services since the last `up`: `<service> <kind>`. */
    events,
    up: async (): Promise<void> => {
      events.length = 0;
      plane = await bringUp(home, { onEvent: ({ kind, service }) => void events.push(`${service} ${kind}`) });
    },
    down,
    writ,
    json: async (...argv: readonly string[]): Promise<{ status: number; document: unknown }> => {
      const { status, stdout } = await writ(...argv, '--json');
      return { status, document: JSON.parse(stdout) };
    },
    records: (project: string) => records(home, project),
    copyStore: () => copyStore(paths),
    cutBeginning: () => cutBeginning(paths, plane?.servers.natsUrl as string),
    loseStore: () => loseStore(paths),
    remove: async (): Promise<void> => {
      await down();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

export type Tampered = Awaited<ReturnType<typeof tamperedInstallation>>;
