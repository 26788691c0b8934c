// `writ witness`: a witness of ledgers, for whoever is not their operator. It needs a folder and a port, and no part of the plane.
import { readKeyFile, verifierKey } from '@writ/crypto';
import { initWitness, startWitness, trustLog, witnessKey, witnessPaths } from '@writ/service-witness';
import { type Command, InvalidArgumentError } from 'commander';
import { type Io, runAction } from '../io.js';

type Place = { readonly home: string; readonly config?: string; readonly json?: boolean };
type Address = { readonly host: string; readonly port: number };

const EXAMPLE = `
Example:
  writ witness init --home .witness --name witness.example/w1
  writ witness trust "$(cat sealer.vkey)" --home .witness
  writ witness --home .witness --listen 127.0.0.1:8484`;

const parseAddress = (text: string): Address => {
  const [, host, port] = /^(\[[0-9a-f:]+\]|[^:\s]+):([0-9]{1,5})$/i.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('It must be <host>:<port>.');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
};

const pathsOf = ({ home, config }: Place) => witnessPaths(home, config);

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

const place = (command: Command): Command =>
  command
    .option('--home <dir>', 'folder of the witness', process.env['WRIT_WITNESS_HOME'] ?? '.witness')
    .option('--config <file>', 'its settings (default: witness.json in the folder)')
    .option('--json', 'one JSON document on stdout');

const serve = async (io: Io, options: Place & { readonly listen: Address }): Promise<void> => {
  const paths = pathsOf(options);
  const server = await startWitness({
    paths,
    ...options.listen,
    onEvent: (event) => io.err(JSON.stringify({ time: new Date().toISOString(), ...event })),
  });
  const key = witnessKey(paths);
  const url = `http://${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`;
  io.document({ ready: true, url, key });
  io.out(`${io.colour.green('ready')} ${url}`);
  io.out(`  key ${key}`);
  process.send?.('ready');
  await interrupted();
  await server.stop();
};

const say = (io: Io, name: string, key: string): void => {
  io.document({ ok: true, [name]: key });
  io.out(key);
};

/** Registers `writ witness` with `init`, `key`, `trust` and `log-key`. */
export const registerWitness = (program: Command, base: Io): void => {
  const run =
    (work: (io: Io, options: never, args: readonly string[]) => unknown) =>
    (...parts: unknown[]) => {
      const self = parts.at(-1) as Command;
      // The folder of `log-key` is an installation, that of the others a witness: a subcommand's own options count.
      const options = { ...self.optsWithGlobals(), ...self.opts() } as Place;
      const io = base.withJson(options.json ?? base.json);
      return runAction(
        io,
        async () => void (await work(io, options as never, parts.slice(0, -2).map(String))),
      );
    };
  const witness = place(program.command('witness'))
    .description(
      'cosign the checkpoints of ledgers that others run, if they only ever grow (C2SP tlog-witness)',
    )
    .option('--listen <host:port>', 'where it answers', parseAddress, { host: '127.0.0.1', port: 8484 })
    .addHelpText('after', EXAMPLE)
    .action(run(serve as (io: Io, options: never) => unknown));
  place(witness.command('init'))
    .description('make the folder and key of a witness, and print its verifier key')
    .requiredOption('--name <name>', 'its name for ever, without white space and plus')
    .action(
      run((io, options: Place & { name: string }) =>
        say(io, 'key', initWitness(pathsOf(options), options.name)),
      ),
    );
  place(witness.command('key'))
    .description('print its verifier key: for witnesses.json of those who rely on it, and for auditors')
    .action(run((io, options: Place) => say(io, 'key', witnessKey(pathsOf(options)))));
  place(witness.command('trust'))
    .description('cosign for a log from the next start on')
    .argument('<key>', 'the verifier key of the log')
    .option('--origin <origin>', 'the origin of the log, when its key has another name')
    .action(
      run((io, options: Place & { origin?: string }, [key = '']) =>
        say(io, 'origin', trustLog(pathsOf(options), key, options.origin).origin),
      ),
    );
  witness
    .command('log-key')
    .description('print the verifier key of the sealer of an installation: for its witnesses and auditors')
    .option('--home <dir>', 'the installation', process.env['WRIT_HOME'] ?? '.writ')
    .option('--json', 'one JSON document on stdout')
    .action(run(async (io, options: Place) => say(io, 'key', await logKey(options.home))));
};

const logKey = async (home: string): Promise<string> => {
  const { installPaths, loadOrganisation } = await import('@writ/runtime');
  const { orFault } = await import('../fault.js');
  const paths = installPaths(home);
  const { organisation } = orFault(loadOrganisation(paths.orgFile));
  return verifierKey({ kind: 'log', name: organisation.origin, key: readKeyFile(paths.keyFile('sealer')) });
};
