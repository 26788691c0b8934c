// `writ prepare`: makes a plane ready whose servers and services run elsewhere (Compose, Kubernetes), then ends. It starts nothing.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { prepareDatabase } from '@writ/projections';
import {
  applyRoster,
  type InstallPaths,
  initInstallation,
  installPaths,
  prepareSeals,
  prepareVault,
  readPrivateFile,
} from '@writ/runtime';
import { apiToken, databaseCredentials, secretFiles } from '@writ/service-read-model';
import { type Command, InvalidArgumentError } from 'commander';
import { fault, orFault } from '../fault.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';
import { ensureReadModelOwner } from '../plane/read-model-owner.js';
import { layOutServers, passwordFiles, passwordIn } from '../plane/server-files.js';
import { makeStreams } from '../plane/servers.js';
import { layOutServices } from '../plane/service-files.js';

type Environment = { readonly project: string; readonly environment: string };
type Options = {
  readonly org?: string;
  readonly admin?: string;
  readonly env?: readonly Environment[];
  readonly beforeServers?: boolean;
  readonly secretsOut?: string;
  readonly replicas: 1 | 3;
};

const WAIT_MS = 30_000;

const EXAMPLE = `writ prepare --before-servers --org acme --admin alice --env shop.prod,shop.staging --secrets-out /secrets
WRIT_NATS_URL=nats://nats:4222 WRIT_DATABASE_URL=postgres://postgres@postgres:5432/writ writ prepare --secrets-out /secrets`;

/** Registers `writ prepare`. */
export function registerPrepare(program: Command, io: Io): void {
  const command = program
    .command('prepare')
    .description('make streams, schemas and secrets for servers and services that run elsewhere, then end')
    .option('--org <name>', 'found this organisation when there is no installation yet')
    .option('--admin <person>', 'with --org: the first person')
    .option(
      '--env <list>',
      'with --org: environments, project.environment, separated by commas',
      parseEnvironments,
    )
    .option('--before-servers', 'only what must be there before NATS and Postgres start')
    .option(
      '--secrets-out <dir>',
      'lay out a folder for NATS, Postgres and each service with what it needs and no more',
    )
    .option('--replicas <n>', 'copies of each stream: 1 or 3', parseReplicas, 1);
  defineAction<Options>(command, io, EXAMPLE, prepare);
}

function parseEnvironments(text: string): readonly Environment[] {
  return text.split(',').map((one) => {
    const [project, environment, ...more] = one.trim().split('.');
    if (project && environment && more.length === 0) return { project, environment };
    throw new InvalidArgumentError('It must be <project>.<environment>, separated by commas.');
  });
}

function parseReplicas(text: string): 1 | 3 {
  if (text === '1') return 1;
  if (text === '3') return 3;
  throw new InvalidArgumentError('It must be 1 or 3.');
}

async function prepare({ io, home, options }: Call<Options>): Promise<void> {
  const paths = installPaths(home);
  const founded = found(paths, options);
  orFault(await applyRoster(home));
  const out = options.secretsOut === undefined ? undefined : resolve(options.secretsOut);
  if (out !== undefined) layOutServers(out, paths);
  if (founded) io.out(`${io.colour.green('founded')} ${options.org} in ${paths.root}`);
  if (!options.beforeServers) await prepareServers(paths, options.replicas, out);
  const done = options.beforeServers ? 'ready for NATS and Postgres' : 'streams and schemas are ready';
  io.document({ ok: true, home: paths.root, founded, servers: !options.beforeServers, secrets: out ?? null });
  io.out(`${io.colour.green('prepared')} ${done}${out === undefined ? '' : `; secrets in ${out}`}`);
}

/** True when the installation was made now; what is there already stays, whatever the options say. */
function found(paths: InstallPaths, { org, admin, env }: Options): boolean {
  if (existsSync(paths.orgFile)) return false;
  if (org === undefined || admin === undefined || env === undefined)
    return fault('WRIT-CLI-003', `${paths.root}; --org, --admin and --env found one`);
  orFault(initInstallation({ home: paths.root, org, admin, environments: env }));
  return true;
}

async function prepareServers(paths: InstallPaths, replicas: 1 | 3, out: string | undefined): Promise<void> {
  const databaseUrl = adminUrl(paths, setting('WRIT_DATABASE_URL'));
  await makeStreams(paths, setting('WRIT_NATS_URL'), replicas, WAIT_MS);
  await prepareVault(databaseUrl, paths.vaultCredentialsFile);
  await prepareSeals(databaseUrl, paths);
  const secrets = secretFiles(paths);
  const credentials = databaseCredentials(secrets.database);
  if (out === undefined) return void (await prepareDatabase(databaseUrl, { credentials }));
  const ownerUrl = await ensureReadModelOwner(databaseUrl, passwordIn(passwordFiles(paths).readModelOwner));
  await prepareDatabase(ownerUrl, { credentials });
  apiToken(secrets.token);
  layOutServices(out, paths, { 'read-model': { databaseUrl: ownerUrl } });
}

function setting(name: string): string {
  return process.env[name] || fault('WRIT-CFG-001', `${name} is not set`);
}

// The password that this installation gave to Postgres, unless the address brings one.
function adminUrl(paths: InstallPaths, address: string): string {
  const url = new URL(address);
  const { postgres } = passwordFiles(paths);
  if (url.password === '' && existsSync(postgres)) url.password = readPrivateFile(postgres);
  return url.toString();
}
