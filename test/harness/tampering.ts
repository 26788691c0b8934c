// What somebody with the bootstrap seed or the store's files can do to the ledger, and the installation that it is done to.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringUp, type RunningPlane } from '@writ/cli';
import { inboxOf, Streams } from '@writ/contracts';
import { connectBus, initInstallation, installPaths } from '@writ/runtime';
import { connectPerson } from '../../libs/cli/src/person/connect.js';

type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };
type Json = Readonly<Record<string, unknown>>;

const WRIT = join(import.meta.dirname, '../../libs/cli/bin/writ.js');

/** An installation of its own in a temporary folder, with the embedded servers. */
export const tamperedInstallation = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'writ-tamper-'));
  const home = join(folder, '.writ');
  const paths = installPaths(home);
  const made = await initInstallation({
    home,
    org: 'acme',
    admin: 'alice',
    environments: [{ project: 'shop', environment: 'prod' }],
  });
  if (made.kind === 'refused') throw new Error(made.reason);
  process.execArgv = [];
  let plane: RunningPlane | undefined;
  const events: string[] = [];
  const up = async (): Promise<void> => {
    events.length = 0;
    const onEvent = ({ kind, service }: { kind: string; service: string }) =>
      void events.push(`${service} ${kind}`);
    plane = await bringUp(home, { onEvent });
  };
  const down = async (): Promise<void> => {
    await plane?.stop();
    plane = undefined;
  };
  const writ = (...argv: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const env = { ...process.env, WRIT_HOME: home };
      execFile(process.execPath, [WRIT, ...argv], { env, timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? 70), stdout, stderr }),
      );
    });
  /** With the bootstrap seed. */
  const asBootstrap = async (
    work: (api: (name: string, body?: object) => Promise<Json>) => Promise<void>,
  ): Promise<void> => {
    const url = plane?.servers.natsUrl as string;
    const seedFile = paths.natsSeed('bootstrap');
    const bus = await connectBus({ url, seedFile, inboxPrefix: inboxOf('bootstrap'), name: 'bootstrap' });
    try {
      await work(async (name, body = {}) =>
        (await bus.request(`$JS.API.STREAM.${name}`, JSON.stringify(body), { timeout: 3_000 })).json<Json>(),
      );
    } finally {
      await bus.close();
    }
  };
  return {
    home,
    paths,
    events,
    up,
    down,
    writ,
    json: async (...argv: readonly string[]): Promise<{ status: number; document: never }> => {
      const { status, stdout } = await writ(...argv, '--json');
      return { status, document: JSON.parse(stdout) as never };
    },
    /** Whether the registry records a command of alice's. */
    records: async (project: string): Promise<boolean> => {
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
    },
    /** Copies the store of the stopped plane; `back` puts the copy where the store is. */
    copyStore: (): { readonly back: () => void } => {
      const copy = mkdtempSync(join(folder, 'store-'));
      cpSync(paths.natsStore, copy, { recursive: true });
      return {
        back: () => {
          rmSync(paths.natsStore, { recursive: true });
          cpSync(copy, paths.natsStore, { recursive: true });
        },
      };
    },
    /** Keeps the last message alone, and makes the stream look as before. Returns how many are left. */
    cutBeginning: async (): Promise<number> => {
      let left = -1;
      await asBootstrap(async (api) => {
        const { config } = await api(`INFO.${Streams.ledger}`);
        const update = async (change: object): Promise<void> => {
          const { error } = await api(`UPDATE.${Streams.ledger}`, { ...(config as Json), ...change });
          if (error !== undefined) throw new Error(JSON.stringify(error));
        };
        await update({ max_msgs: 1, discard: 'old' });
        await update({});
        const { state } = (await api(`INFO.${Streams.ledger}`)) as { state: { messages: number } };
        left = state.messages;
      });
      return left;
    },
    /** Takes the store away beneath the running server, which crashes: the next one begins with nothing. */
    loseStore: async (): Promise<void> => {
      const { pid } = JSON.parse(readFileSync(paths.runFile('nats'), 'utf8')) as { pid: number };
      process.kill(pid, 'SIGSTOP');
      rmSync(paths.natsStore, { recursive: true });
      process.kill(pid, 'SIGKILL');
    },
    remove: async (): Promise<void> => {
      await down();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

export type Tampered = Awaited<ReturnType<typeof tamperedInstallation>>;
