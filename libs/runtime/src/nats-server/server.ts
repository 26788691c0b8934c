// Owns one embedded nats-server: a real process on loopback, durable, never two on one store.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Env } from '../config.js';
import { RuntimeFault } from '../faults.js';
import { runsAs, waitGone } from '../process/alive.js';
import { logTail, type ServerProcess, startProcess } from '../process/child.js';
import { findNatsServer, type NatsBinary } from './binary.js';
import { clearPorts, readPorts, type ServerPorts } from './ports.js';
import { reloadAndWait } from './reload.js';
import { type RunConfig, runConfig } from './run-config.js';

/**
 * `storeDir` holds the streams (made when missing). `configFile` or `config` (text) brings users and permissions; name, address,
 * store, durability, log and pid file of the embedded server win over it. `port` 0 or absent takes a free one. The pid file's folder also
 * takes the generated configuration. `monitor` opens the HTTP monitoring port on loopback.
 */
export type NatsServerOptions = {
  readonly storeDir: string;
  readonly configFile?: string;
  readonly config?: string;
  readonly port?: number;
  readonly logFile?: string;
  readonly pidFile?: string;
  readonly name?: string;
  readonly monitor?: boolean;
  readonly env?: Env;
  readonly cluster?: RunConfig['cluster'];
};

/** A running server. `pid` and `monitorUrl` change with a restart; `url`, `port` and the store stay. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  readonly pid: number;
  readonly monitorUrl: string | undefined;
  alive(): boolean;
  /** Reads the configuration again (SIGHUP); rejects with the server's own words when it refuses it. */
  reload(): Promise<void>;
  /** Ends it in good order (SIGTERM, after 10 s SIGKILL). */
  stop(): Promise<void>;
  /** SIGKILL: what a crash is. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store; stops it first when it runs. */
  restart(): Promise<void>;
  /** SIGSTOP: hangs without closing a connection. Resolves when it stands still. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): void;
}

type Layout = { storeDir: string; logFile: string; pidFile: string; configPath: string; dir: string };
type Running = { process: ServerProcess; ports: ServerPorts };

const START_MS = 20_000;
const STOP_MS = 10_000;

/**
 * Starts nats-server >= 2.12 (see `findNatsServer`) with JetStream, every append synced, and waits until it takes clients.
 * It ends with this process, however that ends. Throws RuntimeFault WRIT-NATS-001 to -004.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const binary = await findNatsServer(options.env);
  const layout = prepare(options);
  await claimStore(layout);
  let running = await launch(binary, options, layout, options.port || -1);
  const port = running.ports.client;
  const start = async () => {
    await running.process.stop(STOP_MS);
    running = await launch(binary, options, layout, port);
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    version: binary.version,
    get pid() {
      return running.process.pid;
    },
    get monitorUrl() {
      return running.ports.monitor === undefined ? undefined : `http://127.0.0.1:${running.ports.monitor}`;
    },
    alive: () => running.process.alive(),
    reload: () => reloadAndWait(running.process, layout.logFile),
    stop: () => running.process.stop(STOP_MS),
    kill: () => running.process.kill(),
    restart: start,
    pause: () => running.process.pause(),
    resume: () => running.process.signal('SIGCONT'),
  };
}

function prepare(options: NatsServerOptions): Layout {
  const storeDir = resolve(options.storeDir);
  const pidFile = resolve(options.pidFile ?? join(dirname(storeDir), 'server.pid'));
  const dir = dirname(pidFile);
  const logFile = resolve(options.logFile ?? join(dir, 'server.log'));
  for (const folder of [storeDir, dir, dirname(logFile)]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configPath = join(dir, 'nats-run.conf');
  const text = runConfig({
    name: options.name ?? 'writ',
    storeDir,
    dir,
    include: options.configFile === undefined ? undefined : resolve(options.configFile),
    text: options.config,
    cluster: options.cluster,
  });
  writeFileSync(configPath, text, { mode: 0o600 });
  return { storeDir, logFile, pidFile, configPath, dir };
}

// A server whose starter was killed is ended by its guard within two seconds: waited for, not overrun.
async function claimStore({ pidFile, configPath }: Layout): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === undefined) return;
  if (await waitGone(() => runsAs(pid, 'nats', configPath), 5000)) return rmSync(pidFile, { force: true });
  throw new RuntimeFault('WRIT-NATS-004', `process ${pid}`);
}

function readPid(pidFile: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(pidFile, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

async function launch(
  binary: NatsBinary,
  options: NatsServerOptions,
  at: Layout,
  port: number,
): Promise<Running> {
  clearPorts(at.dir);
  const process = await startProcess({
    command: binary.path,
    args: argumentsFor(options, at, port),
    logFile: at.logFile,
    signal: 'TERM',
  });
  const end = performance.now() + START_MS;
  while (process.alive() && performance.now() < end) {
    const ports = readPorts(at.dir, process.pid);
    if (ports !== undefined) return { process, ports };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await process.kill();
  throw new RuntimeFault(
    'WRIT-NATS-003',
    `${basename(at.logFile)} in ${at.dir} ends: ${logTail(at.logFile)}`,
  );
}

function argumentsFor(options: NatsServerOptions, at: Layout, port: number): string[] {
  const monitor = options.monitor === true ? ['-m', '-1'] : [];
  const place = [
    '-a',
    '127.0.0.1',
    '-p',
    String(port),
    '-P',
    at.pidFile,
    '--ports_file_dir',
    at.dir,
    '-l',
    at.logFile,
  ];
  return ['-c', at.configPath, ...place, ...monitor];
}
