// `writ up`: the whole plane of an installation on this machine, until Ctrl-C.
import { readFileSync } from 'node:fs';
import { installPaths } from '@writ/runtime';
import type { Command } from 'commander';
import { ExitCodes } from '../exit-codes.js';
import { type Io, runAction } from '../io.js';
import { USUAL_NATS_PORT } from '../plane/servers.js';
import { bringUp } from '../plane/up.js';

type UpOptions = { readonly home: string; readonly json?: boolean };

const apiPort = (home: string): number =>
  (JSON.parse(readFileSync(installPaths(home).runFile('read-model'), 'utf8')) as { httpPort: number })
    .httpPort;

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

/** Registers `writ up`. */
export const registerUp = (program: Command, base: Io): void => {
  program
    .command('up')
    .description('bring up the whole plane of an installation on this machine; Ctrl-C ends it')
    .option('--home <dir>', 'the installation', process.env['WRIT_HOME'] ?? '.writ')
    .option('--json', 'one JSON document when ready')
    .addHelpText(
      'after',
      '\nWRIT_NATS_URL and WRIT_DATABASE_URL name servers to use instead of embedded ones.\n\nExample:\n  writ init --org acme --admin alice --env shop.prod && writ up',
    )
    .action((options: UpOptions) => {
      const io = base.withJson(options.json ?? false);
      return runAction(io, async () => {
        const started = performance.now();
        const plane = await bringUp(options.home, {
          natsPort: USUAL_NATS_PORT,
          natsUrl: process.env['WRIT_NATS_URL'],
          databaseUrl: process.env['WRIT_DATABASE_URL'],
          onEvent: ({ kind, service, pid }) =>
            io.out(`${io.colour.dim(kind.padEnd(10))} ${service} (${pid})`),
        });
        const api = `http://127.0.0.1:${apiPort(options.home)}`;
        const seconds = (performance.now() - started) / 1000;
        io.out(
          `${io.colour.green('ready')} in ${seconds.toFixed(1)} s   bus ${plane.servers.natsUrl}   API ${api}`,
        );
        io.document({ ready: true, seconds, nats: plane.servers.natsUrl, api });
        await interrupted();
        io.out('stopping');
        await plane.stop();
        return ExitCodes.ok;
      });
    });
};
