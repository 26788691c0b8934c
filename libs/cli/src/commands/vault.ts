// `writ vault`: the vault's own key. It reads and shows no private value.

import { existsSync } from 'node:fs';
import {
  commandKek,
  createKek,
  installPaths,
  type Kek,
  readKek,
  rewrapVault,
  startPostgres,
} from '@writ/runtime';
import type { Command } from 'commander';
import { type ExitCode, ExitCodes } from '../exit-codes.js';
import { fault } from '../fault.js';
import { organisationIn } from '../home.js';
import type { Io } from '../io.js';
import { type Call, defineAction } from '../options.js';

type Options = {
  readonly fromFile?: string;
  readonly fromCommand?: string;
  readonly toFile?: string;
  readonly toCommand?: string;
};

/** Registers `writ vault rewrap`. */
export function registerVault(program: Command, io: Io): void {
  const command = program
    .command('vault')
    .description('the vault of private values: its key-encryption key')
    .command('rewrap')
    .description('wrap every data key with another key-encryption key; stop the services first')
    .option('--from-file <file>', 'the key file until now')
    .option('--from-command <command>', 'the command that holds the key until now')
    .option('--to-file <file>', 'the key file from now on; made when it is missing')
    .option('--to-command <command>', 'the command that holds the key from now on');
  const example =
    'writ vault rewrap --from-file .writ/keys/vault.kek --to-command "/usr/local/bin/kms-kek eu-1"';
  defineAction<Options>(command, io, example, rewrap);
}

async function keyOf(file: string | undefined, command: string | undefined, which: string): Promise<Kek> {
  if ((file === undefined) === (command === undefined))
    fault('WRIT-CLI-002', `give either --${which}-file or --${which}-command`);
  if (command !== undefined) return commandKek(command);
  const path = file as string;
  return which === 'to' && !existsSync(path) ? createKek(path) : readKek(path);
}

/** The database of WRIT_DATABASE_URL, else that of the installation, started for as long as it takes. */
async function onDatabase<T>(home: string, work: (url: string) => Promise<T>): Promise<T> {
  const given = process.env['WRIT_DATABASE_URL'];
  if (given) return work(given);
  organisationIn(home);
  const postgres = await startPostgres({ dir: installPaths(home).postgresDir });
  try {
    return await work(await postgres.createDatabase('writ'));
  } finally {
    await postgres.stop();
  }
}

async function rewrap({ io, home, options }: Call<Options>): Promise<ExitCode> {
  const from = await keyOf(options.fromFile, options.fromCommand, 'from');
  const to = await keyOf(options.toFile, options.toCommand, 'to');
  const keys = await onDatabase(home, (url) => rewrapVault(url, from, to));
  io.document({ ok: true, keys, from: from.id, to: to.id });
  io.out(`${io.colour.green('wrapped anew')} ${keys} keys, from ${from.id} to ${to.id}`);
  io.out('start the services with the new key; keep the old one as long as backups from before are kept');
  return ExitCodes.ok;
}
