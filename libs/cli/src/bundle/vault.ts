// Owns reading private values for a bundle: the vault as its reader, where its credentials are on this installation. It shows and keeps none.
import { existsSync } from 'node:fs';
import { createLogger, installPaths, loadConfig, openVaultReader, type VaultReader } from '@writ/runtime';
import type { PrivateValues } from '@writ/verifier';
import { fault } from '../fault.js';
import { readRunFile } from '../home.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The vault's database: WRIT_DATABASE_URL, else what `writ up` wrote. The reader's password comes from its own file. */
function databaseOf(home: string, env: Env): string {
  const url = env['WRIT_DATABASE_URL'] || readRunFile<{ url?: unknown }>(home, 'postgres')?.url;
  if (typeof url === 'string' && url !== '') return url;
  return fault(
    'WRIT-CLI-005',
    'neither WRIT_DATABASE_URL nor a running plane here names the database of the vault',
  );
}

function valuesOf(reader: VaultReader): PrivateValues {
  return {
    get: async (digest) => {
      const [disclosure, owner] = [await reader.get(digest), await reader.ownerOf(digest)];
      return disclosure === undefined || owner === undefined ? undefined : { disclosure, owner };
    },
    erased: (order) => reader.erasedDigests(order),
  };
}

/** Whether it answers to its reader, before anything is written. */
async function reach(reader: VaultReader): Promise<void> {
  try {
    await reader.ownerOf('');
  } catch {
    fault('WRIT-CLI-005', 'the database of the vault does not answer, or not to its reader');
  }
}

/** Runs `work` with the vault. WRIT-KEY-101: its credentials are not here; WRIT-CLI-005: it does not answer. */
export async function withVault<T>(
  home: string,
  work: (values: PrivateValues) => Promise<T>,
  env: Env = process.env,
): Promise<T> {
  const { vaultCredentialsFile } = installPaths(home);
  if (!existsSync(vaultCredentialsFile))
    fault(
      'WRIT-KEY-101',
      `${vaultCredentialsFile}: private values are given out where the vault is read, nowhere else`,
    );
  const config = loadConfig({ ...env, WRIT_HOME: home, WRIT_DATABASE_URL: databaseOf(home, env) });
  const reader = await openVaultReader({ config, log: createLogger({ service: 'export', level: 'silent' }) });
  try {
    await reach(reader);
    return await work(valuesOf(reader));
  } finally {
    await reader.close();
  }
}
