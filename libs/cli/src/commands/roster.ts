// Owns reading the roster for the lists of agents and people. It changes nothing.
import { existsSync, readFileSync } from 'node:fs';
import type { RegistryState } from '@writ/domain';
import { installPaths, type Roster, readRoster } from '@writ/runtime';
import { fault, isUnreachable, orFault } from '../fault.js';
import { organisationIn } from '../home.js';
import { readRegistry } from '../reading/ledger-view.js';

/** Everyone on the bus. WRIT-CLI-003 without an installation. */
export function rosterIn(home: string): Roster {
  organisationIn(home);
  const { rosterFile } = installPaths(home);
  if (!existsSync(rosterFile)) return fault('WRIT-CLI-003', rosterFile);
  return orFault(readRoster(JSON.parse(readFileSync(rosterFile, 'utf8')))).roster;
}

/** The registry as recorded; `undefined` when the plane is not there. */
export async function registryIfUp(home: string): Promise<RegistryState | undefined> {
  try {
    return await readRegistry(home);
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}
