// Owns one embedded Postgres server: a real process on loopback, its data kept beneath one folder.
import { RuntimeFault } from '../faults.js';
import { freePorts } from '../nats-server/ports.js';
import { logTail, type ServerProcess, startProcess } from '../process/child.js';
import { runAs } from './account.js';
import { findPostgres, type PostgresBinaries } from './binaries.js';
import { withClient } from './connect.js';
import { type DataDir, openDataDir, POSTGRES_ENV } from './data-dir.js';
import { claimDataDir } from './stale.js';

/**
 * `dir` keeps data, log and password (made when missing, used again when there). `port` 0 or absent takes a free one.
 * `fast` leaves out every sync to disk: for tests only, a crash of the machine loses data.
 */
export type PostgresOptions = { readonly dir: string; readonly port?: number; readonly fast?: boolean };

/** A running server. `url` is the superuser's address of the database `postgres`. `pid` changes with a restart. */
export interface Postgres {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Makes the database when it is missing; returns its address (superuser). */
  createDatabase(name: string): Promise<string>;
  alive(): boolean;
  /** Ends it in good order (fast shutdown; after 10 s SIGKILL). */
  stop(): Promise<void>;
  /** SIGKILL: what a crash is. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; stops it first when it runs. */
  restart(): Promise<void>;
}

const START_MS = 20_000;
const STOP_MS = 10_000;
const TRIES = 25;

/**
 * Starts PostgreSQL (18, from the packages) on loopback, no Unix socket, password needed, statements and values out of its log.
 * Works as root too (under another account) and with an empty HOME. It ends with this process, however that ends.
 * Throws RuntimeFault WRIT-PG-001 to -004.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const binaries = findPostgres();
  const at = await openDataDir(options.dir, binaries, options.fast ?? false);
  let running = await launchOnFreePort(binaries, at, options);
  const { port } = running;
  const url = address(at, port, 'postgres');
  return {
    url,
    port,
    get pid() {
      return running.process.pid;
    },
    createDatabase: (name) => createDatabase(url, name, address(at, port, encodeURIComponent(name))),
    alive: () => running.process.alive(),
    stop: () => running.process.stop(STOP_MS),
    kill: () => running.process.kill(),
    restart: async () => {
      await running.process.stop(STOP_MS);
      running = await launchPatiently(binaries, at, { ...options, port });
    },
  };
}

type Running = { readonly process: ServerProcess; readonly port: number };

// Postgres cannot choose its own port; one that somebody else took meanwhile is given up for another.
async function launchOnFreePort(
  binaries: PostgresBinaries,
  at: DataDir,
  options: PostgresOptions,
): Promise<Running> {
  if (options.port) return launchPatiently(binaries, at, options);
  return retry(async () => {
    const [port = 0] = await freePorts(1);
    return launch(binaries, at, { ...options, port });
  }, /could not bind|pre-existing shared memory/);
}

function launchPatiently(
  binaries: PostgresBinaries,
  at: DataDir,
  options: PostgresOptions,
): Promise<Running> {
  return retry(() => launch(binaries, at, options), /pre-existing shared memory/);
}

async function retry<R>(attempt: () => Promise<R>, when: RegExp): Promise<R> {
  for (let n = 1; ; n += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (n === TRIES || !(error instanceof Error && when.test(error.message))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function launch(binaries: PostgresBinaries, at: DataDir, options: PostgresOptions): Promise<Running> {
  await claimDataDir(at.data);
  const port = options.port ?? 0;
  const {
    command,
    args,
    options: as,
  } = runAs(at.account, binaries.postgres, settings(at, port, options.fast ?? false));
  const process = await startProcess({
    command,
    args,
    logFile: at.logFile,
    signal: 'INT',
    options: { ...as, env: POSTGRES_ENV, cwd: '/' },
  });
  const end = performance.now() + START_MS;
  while (process.alive() && performance.now() < end) {
    if (await answers(address(at, port, 'postgres'))) return { process, port };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await process.kill();
  throw new RuntimeFault('WRIT-PG-002', `${at.logFile} ends: ${logTail(at.logFile)}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('select 1'));
    return true;
  } catch {
    return false;
  }
}

function settings(at: DataDir, port: number, fast: boolean): string[] {
  const common = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '64MB',
    // Private values never reach the log, not even through a failing statement.
    log_statement: 'none',
    log_min_error_statement: 'panic',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_error_verbosity: 'terse',
  };
  // Commits still reach the operating system: a killed server loses nothing, only a crash of the machine does.
  const unsafe = fast ? { fsync: 'off', full_page_writes: 'off' } : {};
  const flags = Object.entries({ ...common, ...unsafe }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  return ['-D', at.data, ...flags];
}

function address(at: DataDir, port: number, database: string): string {
  return `postgres://postgres:${at.password}@127.0.0.1:${port}/${database}`;
}

async function createDatabase(admin: string, name: string, url: string): Promise<string> {
  await withClient(admin, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
  return url;
}
