// Owns where a command finds things: the installation's folder, the bus, who signs. It writes nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { installPaths, loadOrganisation, type OrganisationFile } from '@writ/runtime';
import { fault, orFault } from './fault.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The installation's folder, absolute: the option, else WRIT_HOME, else `.writ`. */
export function homeOf(option: string | undefined, env: Env = process.env): string {
  return resolve(option ?? (env['WRIT_HOME'] || '.writ'));
}

/** The pinned organisation. WRIT-CLI-003 when there is no installation. */
export function organisationIn(home: string): OrganisationFile {
  return orFault(loadOrganisation(installPaths(home).orgFile)).organisation;
}

/** The address of the bus: WRIT_NATS_URL, else what `writ up` wrote. WRIT-CLI-005 when there is neither. */
export function natsUrlOf(home: string, env: Env = process.env): string {
  const url = env['WRIT_NATS_URL'] || readRunFile<{ url?: unknown }>(home, 'nats')?.url;
  if (typeof url === 'string' && url !== '') return url;
  return fault('WRIT-CLI-005', `neither WRIT_NATS_URL nor ${runFileOf(home, 'nats')} names the bus`);
}

/** What a running part of the plane wrote about itself; `undefined` when it does not run here. */
export function readRunFile<T extends object>(home: string, name: string): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(runFileOf(home, name), 'utf8'));
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

function runFileOf(home: string, name: string): string {
  return installPaths(home).runFile(name);
}

/** Who signs: the option, else WRIT_PERSON, else the only person with a key here. WRIT-CLI-002 when that is not clear. */
export function signerOf(home: string, option: string | undefined, env: Env = process.env): string {
  const named = option ?? env['WRIT_PERSON'];
  if (named) return named;
  const people = peopleWithKeys(home);
  if (people.length === 1) return people[0] as string;
  return fault(
    'WRIT-CLI-002',
    people.length === 0 ? 'nobody has a key here: --as PERSON' : `--as one of: ${people.join(', ')}`,
  );
}

function peopleWithKeys(home: string): readonly string[] {
  const { peopleDir } = installPaths(home);
  if (!existsSync(peopleDir)) return [];
  return readdirSync(peopleDir)
    .filter((name) => existsSync(join(peopleDir, name, 'person.jwk')))
    .sort();
}
