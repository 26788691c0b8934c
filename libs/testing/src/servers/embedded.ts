// Owns test servers from the embedded binaries: real processes in temporary folders. Nothing is left of them afterwards.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNatsServer, startPostgres } from '@writ/runtime';
import { tempDir } from './temp-dir.js';
import type { TestBackend } from './test-backend.js';

/** Servers from the binaries that the packages bring: the default, needs nothing installed. */
export const embeddedBackend: TestBackend = {
  name: 'embedded',

  async startNats(options = {}) {
    const dir = tempDir();
    const configFile = join(dir.path, 'test.conf');
    writeFileSync(configFile, options.config ?? '');
    const server = await startNatsServer({ storeDir: join(dir.path, 'store'), configFile });
    return {
      url: server.url,
      port: server.port,
      kill: () => server.kill(),
      restart: () => server.restart(),
      pause: () => server.pause(),
      resume: async () => server.resume(),
      reload: (config) => {
        writeFileSync(configFile, config);
        return server.reload();
      },
      stop: () => server.stop().finally(dir.remove),
    };
  },

  async startPostgres() {
    const dir = tempDir();
    const server = await startPostgres({ dir: join(dir.path, 'postgres'), fast: true });
    return {
      url: server.url,
      createDatabase: (name) => server.createDatabase(name),
      kill: () => server.kill(),
      restart: () => server.restart(),
      stop: () => server.stop().finally(dir.remove),
    };
  },
};
