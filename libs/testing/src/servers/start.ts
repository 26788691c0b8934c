// Owns the choice of the backend and the short way to a server. It never falls back from one backend to the other.
import { join } from 'node:path';
import { startNatsCluster } from '@writ/runtime';
import { containersBackend } from './containers.js';
import { embeddedBackend } from './embedded.js';
import { tempDir } from './temp-dir.js';
import type { TestBackend, TestCluster, TestNats, TestPostgres } from './test-backend.js';

/** The backend that `WRIT_TEST_BACKEND` names: `embedded` (default) or `containers`. Throws on any other name. */
export function chooseBackend(name: string | undefined = process.env['WRIT_TEST_BACKEND']): TestBackend {
  if (name === undefined || name === '' || name === 'embedded') return embeddedBackend;
  if (name === 'containers') return containersBackend;
  throw new Error('WRIT_TEST_BACKEND must be embedded or containers');
}

/** A real nats-server with JetStream on loopback; `config` is configuration text. Call `stop()` afterwards. */
export function startTestNats(config?: string): Promise<TestNats> {
  return chooseBackend().startNats(config === undefined ? {} : { config });
}

/** A real PostgreSQL on loopback, without syncs to disk. Call `stop()` afterwards. */
export function startTestPostgres(): Promise<TestPostgres> {
  return chooseBackend().startPostgres();
}

/** A real cluster of `size` nats-servers (always from the embedded binaries), with a leader. Call `stop()` afterwards. */
export async function startTestCluster(size = 3, config?: string): Promise<TestCluster> {
  const dir = tempDir();
  const cluster = await startNatsCluster(size, {
    dir: join(dir.path, 'nats'),
    ...(config === undefined ? {} : { config }),
  });
  const node = (index: number) => {
    const found = cluster.nodes[index];
    if (found === undefined) throw new RangeError(`there is no node ${index}`);
    return found;
  };
  return {
    urls: cluster.urls,
    size,
    kill: (index) => node(index).kill(),
    restart: (index) => node(index).restart(),
    pause: (index) => node(index).pause(),
    resume: (index) => node(index).resume(),
    ready: (timeoutMs) => cluster.ready(timeoutMs),
    stop: () => cluster.stop().finally(dir.remove),
  };
}
