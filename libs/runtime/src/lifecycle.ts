// Owns the life of a service process: settings, log, health, start, signals, stop in order, exit code. No rule of governance.
import { type Clock, systemClock } from './clock.js';
import { type Env, loadConfig, type ServiceConfig } from './config.js';
import { RuntimeFault } from './faults.js';
import { type HealthServer, startHealthServer } from './http.js';
import { createLogger, type Log } from './log.js';
import { createMetrics, type Metrics } from './metrics.js';
import { removeReadyFile, writeReadyFile } from './ready-file.js';
import { thrownAt } from './thrown-at.js';

/** What a service is given. `http` takes its readiness checks and further paths; `signal` aborts when stopping begins. */
export type ServiceContext = {
  readonly name: string;
  readonly config: ServiceConfig;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly http: HealthServer;
  readonly signal: AbortSignal;
};

/** Starts a service: resolves when it does its work; `stop` ends it in order (drain, then close). */
export type ServiceStart = (context: ServiceContext) => Promise<{ stop(): Promise<void> }>;

/** A started service. `stop` may be called more than once. */
export interface RunningService {
  readonly name: string;
  readonly httpPort: number;
  readonly context: ServiceContext;
  stop(): Promise<void>;
}

/** Exit statuses of a service process (sysexits.h). */
export const EXIT_CODES = { stopped: 0, failed: 70, badConfig: 78 } as const;

const STOP_MS = 10_000;

/**
 * Starts a service in this process, without touching its signals: for tests and for all services in one process.
 * /readyz fails until `start` has resolved; then `<home>/run/<name>.json` `{ pid, httpPort, readyAt }` is written atomically.
 */
export async function startService(
  name: string,
  start: ServiceStart,
  options: {
    readonly env?: Env;
    readonly config?: ServiceConfig;
    readonly log?: Log;
    readonly clock?: Clock;
  } = {},
): Promise<RunningService> {
  const config = options.config ?? loadConfig(options.env);
  const log =
    options.log ?? createLogger({ service: name, level: config.logLevel, pretty: config.logPretty });
  const metrics = createMetrics(name);
  const http = await startHealthServer({
    registry: metrics.registry,
    host: config.httpHost,
    port: config.httpPort,
  });
  const abort = new AbortController();
  const clock = options.clock ?? systemClock;
  const context: ServiceContext = { name, config, log, clock, metrics, http, signal: abort.signal };
  const service = await begin(context, start);
  const stopOnce = once(async () => {
    abort.abort();
    http.check('started', () => false);
    removeReadyFile(config.paths.runFile(name));
    await service.stop();
    await http.close();
    log.info('service.stopped');
  });
  return { name, httpPort: http.port, context, stop: stopOnce };
}

async function begin(context: ServiceContext, start: ServiceStart): Promise<{ stop(): Promise<void> }> {
  const { http, config, name, log, clock } = context;
  let ready = false;
  http.check('started', () => ready);
  try {
    const service = await start(context);
    ready = true;
    writeReadyFile(config.paths.runFile(name), {
      pid: process.pid,
      httpPort: http.port,
      readyAt: clock.now(),
    });
    log.info({ httpPort: http.port }, 'service.ready');
    return service;
  } catch (error) {
    await http.close();
    throw error;
  }
}

/**
 * Runs a service as this whole process: SIGTERM, SIGINT or the loss of the parent's IPC channel stop it in order and exit 0;
 * anything uncaught is logged and exits 70; a wrong setting is told on stderr and exits 78. Sends 'ready' to an IPC parent.
 */
export async function runService(name: string, start: ServiceStart): Promise<void> {
  let log = createLogger({ service: name });
  try {
    const config = loadConfig();
    log = createLogger({ service: name, level: config.logLevel, pretty: config.logPretty });
    onUncaught(log);
    const early = signalled();
    const service = await Promise.race([
      startService(name, start, { config, log }),
      early.then(() => undefined),
    ]);
    if (service === undefined) process.exit(EXIT_CODES.stopped);
    process.send?.('ready');
    await early;
    await stopWithin(service, log);
    process.exit(EXIT_CODES.stopped);
  } catch (error) {
    leave(log, error);
  }
}

function onUncaught(log: Log): void {
  process.on('uncaughtException', (error) => leave(log, error));
  process.on('unhandledRejection', (error) => leave(log, error));
}

// What others threw is told by name, code and place: its message and details may hold values (Postgres tells the row).
function leave(log: Log, error: unknown): never {
  const fault = error instanceof RuntimeFault ? error : undefined;
  log.fatal(
    fault === undefined
      ? { error: nameOf(error), code: codeOf(error), at: thrownAt(error) }
      : { code: fault.code, why: fault.reason, next: fault.next },
    'service.failed',
  );
  process.exit(fault?.code.startsWith('WRIT-CFG') ? EXIT_CODES.badConfig : EXIT_CODES.failed);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(code) ? code : undefined;
}

function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => resolve(name));
    if (process.channel !== undefined) process.on('disconnect', () => resolve('disconnect'));
  });
}

async function stopWithin(service: RunningService, log: Log): Promise<void> {
  const timer = setTimeout(
    () => leave(log, new Error(`${service.name} did not stop within ${STOP_MS} ms`)),
    STOP_MS,
  );
  await service.stop();
  clearTimeout(timer);
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}
