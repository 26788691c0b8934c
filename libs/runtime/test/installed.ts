// A founded installation for the tests of this folder, and what to look at in it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Installed, initInstallation, installPaths } from '../src/index.js';
import { tempDir } from './temp-dir.js';

export const BOT = 'acme.shop.prod.bot';

/** Founds acme in a directory that is removed after the test. */
export function installed(home = join(tempDir(), 'writ')): Installed {
  const environments = ['prod', 'test'].map((environment) => ({ project: 'shop', environment }));
  const made = initInstallation({ home, org: 'acme', admin: 'dana', environments });
  if (made.kind === 'refused') throw new Error(made.reason);
  return made;
}

/** Every file beneath a directory. */
export const files = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** The accounts as nats-server reads them. */
export const accounts = (home: string): string => readFileSync(installPaths(home).natsPermissions, 'utf8');
