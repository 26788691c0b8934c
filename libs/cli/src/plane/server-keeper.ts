// Keeps one embedded server up: starts it again on the same port and store when it dies, and has it prepared again.
import type { SupervisorEvent } from './event.js';

/** What is asked of a server. `restart` keeps port and store. */
export type KeptServer = {
  readonly pid: number;
  alive(): boolean;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export type KeepOptions = {
  readonly name: 'nats' | 'postgres';
  /** Makes again what a restart has lost; tried until it succeeds. */
  readonly prepare: () => Promise<void>;
  readonly onEvent: (event: SupervisorEvent) => void;
};

const LOOK_MS = 100;
const RETRY_MS = [200, 500, 1_000, 2_000, 5_000];

/** Watches the server until `stop`, which ends both. A server that cannot be started is tried again for ever, every 5 s at last. */
export const keepServer = (server: KeptServer, options: KeepOptions): { stop(): Promise<void> } => {
  const { name, prepare, onEvent } = options;
  const ending = new AbortController();
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(over, ms);
      function over(): void {
        clearTimeout(timer);
        ending.signal.removeEventListener('abort', over);
        resolve();
      }
      ending.signal.addEventListener('abort', over);
      if (ending.signal.aborted) over();
    });
  /** One attempt; true when the server runs and is prepared. */
  const raise = async (): Promise<boolean> => {
    try {
      if (!server.alive()) await server.restart();
      onEvent({ kind: 'restarting', service: name, pid: server.pid });
      await prepare();
      onEvent({ kind: 'ready', service: name, pid: server.pid });
      return true;
    } catch {
      return false;
    }
  };
  const watch = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await pause(LOOK_MS);
      if (ending.signal.aborted || server.alive()) continue;
      onEvent({ kind: 'exited', service: name, pid: server.pid });
      for (let n = 0; !ending.signal.aborted && !(await raise()); n += 1)
        await pause(RETRY_MS[Math.min(n, RETRY_MS.length - 1)] as number);
    }
  };
  const watching = watch();
  return {
    stop: async () => {
      ending.abort();
      await watching;
      await server.stop();
    },
  };
};
