// Runs every service as a process of its own and starts one anew when it dies. It holds no key and reads no message.
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServiceName, Services } from '@writ/contracts';
import { installPaths, RuntimeFault } from '@writ/runtime';
import type { Servers } from './servers.js';

/** What happened to a service. */
export type SupervisorEvent = {
  readonly kind: 'ready' | 'exited' | 'restarting';
  readonly service: ServiceName;
  readonly pid: number;
};

export interface Supervisor {
  /** Process ids of the services that run. */
  pids(): ReadonlyMap<ServiceName, number>;
  /** Resolves when the service is ready again (after a kill). */
  ready(service: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

/** `services`: only these, and the registry always; all when absent. */
export type SupervisorOptions = {
  readonly services?: readonly ServiceName[];
  readonly onEvent?: (event: SupervisorEvent) => void;
};

const READY_MS = 30_000;
const STOP_MS = 8_000;
const BACKOFF_MS = [100, 500, 2_000, 5_000];
const writ = fileURLToPath(new URL('../../bin/writ.js', import.meta.url));

type Unit = { child: ChildProcess; ready: Promise<void>; failures: number };

/**
 * Starts all services: the registry first, because the others' keys are certified by it, then the rest at once. Resolves when all
 * are ready. Each writes its log to `run/<service>.log`. Throws WRIT-RUN-004 naming the log of one that did not become ready.
 */
export const superviseServices = async (
  home: string,
  servers: Servers,
  options: SupervisorOptions = {},
): Promise<Supervisor> => {
  const { services = Services, onEvent = () => undefined } = options;
  const paths = installPaths(home);
  const units = new Map<ServiceName, Unit>();
  let stopping = false;

  const spawn = (service: ServiceName): Unit => {
    const logFile = join(paths.runDir, `${service}.log`);
    const log = openSync(logFile, 'a', 0o600);
    const child = fork(writ, ['service', service], {
      stdio: ['ignore', log, log, 'ipc'],
      env: {
        ...process.env,
        WRIT_HOME: paths.root,
        WRIT_NATS_URL: servers.natsUrl,
        WRIT_DATABASE_URL: databaseFor(service, servers.databaseUrl),
      },
    });
    closeSync(log);
    const unit: Unit = {
      child,
      failures: units.get(service)?.failures ?? 0,
      ready: becomesReady(child, service, logFile),
    };
    unit.ready.then(
      () => {
        unit.failures = 0;
        onEvent({ kind: 'ready', service, pid: child.pid ?? 0 });
      },
      () => undefined,
    );
    child.once('exit', () => {
      onEvent({ kind: 'exited', service, pid: child.pid ?? 0 });
      if (stopping) return;
      const wait = BACKOFF_MS[Math.min(unit.failures, BACKOFF_MS.length - 1)];
      setTimeout(() => {
        if (stopping) return;
        const next = spawn(service);
        next.failures = unit.failures + 1;
        onEvent({ kind: 'restarting', service, pid: next.child.pid ?? 0 });
      }, wait);
    });
    units.set(service, unit);
    return unit;
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all([...units.values()].map(({ child }) => endChild(child)));
  };
  try {
    await spawn('registry').ready;
    await Promise.all(
      services.filter((service) => service !== 'registry').map((service) => spawn(service).ready),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pids: () => new Map([...units].map(([service, { child }]) => [service, child.pid ?? 0])),
    ready: async (service) => {
      await untilNewUnit(units, service);
      await units.get(service)?.ready;
    },
    stop,
  };
};

/** Only the read model prepares its own schema; the others reach the vault with its roles' own credentials and learn no other. */
const databaseFor = (service: ServiceName, url: string): string => {
  if (service === 'read-model') return url;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.toString();
};

const untilNewUnit = async (units: ReadonlyMap<ServiceName, Unit>, service: ServiceName): Promise<void> => {
  while (units.get(service)?.child.exitCode !== null || units.get(service)?.child.signalCode !== null) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const becomesReady = (child: ChildProcess, service: ServiceName, logFile: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const fault = (why: string) =>
      new RuntimeFault('WRIT-RUN-004', `${service} ${why}; its log is ${logFile}`);
    const timer = setTimeout(() => reject(fault(`was not ready within ${READY_MS / 1000} s`)), READY_MS);
    child.once('message', (message) => {
      if (message !== 'ready') return;
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(fault(`ended (${signal ?? code})`));
    });
  });

const endChild = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });

/** Forgets what a supervisor that was killed left behind. */
export const clearRunFiles = (home: string): void => {
  const paths = installPaths(home);
  for (const service of Services)
    if (existsSync(paths.runFile(service))) rmSync(paths.runFile(service), { force: true });
};
