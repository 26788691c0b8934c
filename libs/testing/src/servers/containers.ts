// Owns test servers in containers, through testcontainers. It is loaded only when chosen and needs a container engine.
import { type AddressInfo, createServer } from 'node:net';
import type { StartedTestContainer } from 'testcontainers';
import type { TestBackend, TestNats, TestPostgres } from './test-backend.js';

const NATS_IMAGE = process.env['WRIT_TEST_NATS_IMAGE'] ?? 'nats:2.14-alpine';
const POSTGRES_IMAGE = process.env['WRIT_TEST_POSTGRES_IMAGE'] ?? 'postgres:18-alpine';
const NATS_PORT = 4222;
const POSTGRES_PORT = 5432;
const CONFIG = '/writ-test.conf';

/** What can be done to a container from outside, by the engine's API. */
type Engine = {
  kill(signal: string): Promise<void>;
  start(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
};

/**
 * Servers in containers (`WRIT_TEST_BACKEND=containers`). Images: WRIT_TEST_NATS_IMAGE (nats-server >= 2.12 as entry point
 * or on PATH) and WRIT_TEST_POSTGRES_IMAGE (the official one's environment variables). Ports are fixed over restarts.
 */
export const containersBackend: TestBackend = {
  name: 'containers',

  async startNats(options = {}): Promise<TestNats> {
    const { GenericContainer, Wait } = await import('testcontainers');
    const port = await freePort();
    const container = await new GenericContainer(NATS_IMAGE)
      .withExposedPorts({ container: NATS_PORT, host: port })
      .withCopyContentToContainer([{ content: natsConfig(options.config ?? ''), target: CONFIG }])
      .withCommand(['-c', CONFIG])
      .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
      .start();
    const engine = await engineOf(container);
    const url = `nats://${container.getHost()}:${port}`;
    return {
      url,
      port,
      kill: () => engine.kill('SIGKILL'),
      restart: () => restart(engine, container, port),
      pause: () => engine.pause(),
      resume: () => engine.resume(),
      reload: async (config) => {
        await container.copyContentToContainer([{ content: natsConfig(config), target: CONFIG }]);
        await engine.kill('SIGHUP');
        await sleep(200);
      },
      stop: async () => void (await container.stop()),
    };
  },

  async startPostgres(): Promise<TestPostgres> {
    const { GenericContainer, Wait } = await import('testcontainers');
    const { withClient } = await import('@writ/runtime');
    const port = await freePort();
    const container = await new GenericContainer(POSTGRES_IMAGE)
      .withExposedPorts({ container: POSTGRES_PORT, host: port })
      .withEnvironment({ POSTGRES_PASSWORD: 'test' })
      .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
      .start();
    const engine = await engineOf(container);
    const address = (name: string) =>
      `postgres://postgres:test@${container.getHost()}:${port}/${encodeURIComponent(name)}`;
    return {
      url: address('postgres'),
      createDatabase: async (name) => {
        await withClient(address('postgres'), async (client) => {
          const found = await client.query('select 1 from pg_database where datname = $1', [name]);
          if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
        });
        return address(name);
      },
      kill: () => engine.kill('SIGKILL'),
      restart: () => restart(engine, container, port),
      stop: async () => void (await container.stop()),
    };
  },
};

function natsConfig(given: string): string {
  return `${given}\nport: ${NATS_PORT}\njetstream: { store_dir: "/tmp/store", sync_interval: always }\n`;
}

async function engineOf(container: StartedTestContainer): Promise<Engine> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const handle = (await getContainerRuntimeClient()).container.getById(container.getId());
  return {
    kill: async (signal) => void (await handle.kill({ signal })),
    start: async () => void (await handle.start()),
    pause: async () => void (await handle.pause()),
    resume: async () => void (await handle.unpause()),
  };
}

async function restart(engine: Engine, container: StartedTestContainer, port: number): Promise<void> {
  // A container that was killed already cannot be killed again; starting it is what counts.
  await engine.kill('SIGKILL').catch(() => undefined);
  await sleep(100);
  await engine.start();
  await waitForPort(container.getHost(), port);
}

async function waitForPort(host: string, port: number): Promise<void> {
  const { connect } = await import('node:net');
  const end = performance.now() + 20_000;
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host, port }, () => void socket.once('data', () => finish(true)));
      const finish = (ok: boolean) => {
        socket.destroy();
        resolve(ok);
      };
      socket.on('error', () => finish(false));
      socket.setTimeout(300, () => finish(true));
      socket.on('close', () => finish(false));
    });
  while (!(await answers())) {
    if (performance.now() > end) throw new Error(`nothing listens on port ${port} after the restart`);
    await sleep(50);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
