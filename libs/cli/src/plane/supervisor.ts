// Runs every service as a process of its own and starts one anew when it dies. It holds no key and reads no message.
import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ServiceName, Services } from '@writ/contracts';
import { type InstallPaths, installPaths } from '@writ/runtime';
import type { SupervisorEvent } from './event.js';
import { type Servers, withoutUser } from './servers.js';
import { becomesReady, endChild, forkService, isOver, whenOver } from './service-process.js';

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
/** A service that has been ready for this long has recovered: its next failure is a first one. */
const RECOVERED_MS = 60_000;
const BACKOFF_MS = [100, 500, 2_000, 5_000];

type Unit = { readonly child: ChildProcess; readonly ready: Promise<void>; failures: number };

type Crew = {
  readonly paths: InstallPaths;
  readonly servers: Servers;
  readonly units: Map<ServiceName, Unit>;
  readonly onEvent: (event: SupervisorEvent) => void;
  stopping: boolean;
};

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
  const units = new Map<ServiceName, Unit>();
  const crew: Crew = { paths: installPaths(home), servers, units, onEvent, stopping: false };
  const stop = async (): Promise<void> => {
    crew.stopping = true;
    await Promise.all([...units.values()].map(({ child }) => endChild(child)));
  };
  try {
    await start(crew, 'registry', 0).ready;
    const others = services.filter((service) => service !== 'registry');
    await Promise.all(others.map((service) => start(crew, service, 0).ready));
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

const start = (crew: Crew, service: ServiceName, failures: number): Unit => {
  const { paths, servers, units, onEvent } = crew;
  const logFile = join(paths.runDir, `${service}.log`);
  const child = forkService(service, logFile, {
    WRIT_HOME: paths.root,
    WRIT_NATS_URL: servers.natsUrl,
    WRIT_DATABASE_URL: withoutUser(servers.databaseUrl),
  });
  const pid = child.pid ?? 0;
  const unit: Unit = { child, failures, ready: becomesReady(child, service, logFile, READY_MS) };
  let recovery: NodeJS.Timeout | undefined;
  unit.ready.then(
    () => {
      recovery = setTimeout(() => {
        unit.failures = 0;
      }, RECOVERED_MS);
      recovery.unref();
      onEvent({ kind: 'ready', service, pid });
    },
    () => undefined,
  );
  whenOver(child, () => {
    clearTimeout(recovery);
    onEvent({ kind: 'exited', service, pid });
    if (!crew.stopping) startAnew(crew, service, unit.failures);
  });
  units.set(service, unit);
  return unit;
};

const startAnew = (crew: Crew, service: ServiceName, failures: number): void => {
  const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)];
  setTimeout(() => {
    if (crew.stopping) return;
    const { child } = start(crew, service, failures + 1);
    crew.onEvent({ kind: 'restarting', service, pid: child.pid ?? 0 });
  }, wait);
};

const untilNewUnit = async (units: ReadonlyMap<ServiceName, Unit>, service: ServiceName): Promise<void> => {
  for (let unit = units.get(service); unit !== undefined && isOver(unit.child); unit = units.get(service)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** Forgets what a supervisor that was killed left behind. */
export const clearRunFiles = (home: string): void => {
  const paths = installPaths(home);
  for (const service of Services)
    if (existsSync(paths.runFile(service))) rmSync(paths.runFile(service), { force: true });
};
