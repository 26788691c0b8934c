// Starts an agent in a process of its own; it runs the built package (`npm test` builds first).
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { exportPrivateJwk } from '@writ/crypto';
import { until, type World } from './world.js';

export type Heard = Record<string, unknown>;

/** An agent in a process of its own. */
export const startChild = async (world: World) => {
  const path = fileURLToPath(new URL('./agent-process.mjs', import.meta.url));
  const child: ChildProcess = fork(path, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const heard: Heard[] = [];
  child.on('message', (message: Heard) => void heard.push(message));
  const { key: _, ...credentials } = world.credentials();
  child.send({ credentials, jwk: exportPrivateJwk(world.org.keys.agent) });
  const hears = async (accept: (m: Heard) => boolean): Promise<Heard> => {
    await until('the process says so', () => heard.some(accept), 15_000);
    return heard.find(accept) as Heard;
  };
  const first = await hears((m) => 'ready' in m);
  return {
    process: child,
    heard,
    first,
    hears,
    gate: async () => {
      const before = heard.length;
      child.send({ ask: 'gate' });
      await until('the process answers', () => heard.slice(before).some((m) => 'gate' in m));
      return heard.slice(before).find((m) => 'gate' in m)?.['gate'];
    },
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};
