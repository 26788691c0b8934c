// Owns whose key a name on the command line means, and where its file is. It reads the roster, and changes nothing.
import { join } from 'node:path';
import { type KeyRole, Services } from '@writ/contracts';
import { installPaths } from '@writ/runtime';
import { rosterIn } from '../commands/roster.js';
import { fault } from '../fault.js';

/** The holder of a key: what the certificate says, and the file of this installation. */
export type Holder = {
  readonly kind: 'service' | 'agent' | 'enforcement-point' | 'person';
  readonly role: KeyRole;
  readonly holder: string;
  readonly scope: string;
  readonly file: string;
};

const WITHOUT_KEY: readonly string[] = ['read-model'];

/** A service (the sealer too), an agent or enforcement point by its scope, or a person. WRIT-KEY-020 for the registrar, WRIT-REG-002. */
export const holderOf = (home: string, name: string): Holder => {
  const paths = installPaths(home);
  const roster = rosterIn(home);
  const { org } = roster;
  if (name === 'registry') {
    return fault('WRIT-KEY-020', 'the roots appoint a registrar: writ key appoint-registrar --out FILE');
  }
  if ([...Services, 'sealer'].includes(name) && !WITHOUT_KEY.includes(name)) {
    return { kind: 'service', role: name as KeyRole, holder: name, scope: org, file: paths.keyFile(name) };
  }
  if (roster.agents.some(({ scope }) => scope === name)) return asker(paths.agentKey(name), 'agent', name);
  if (roster.enforcementPoints.some(({ scope }) => scope === name))
    return asker(paths.agentKey(name), 'enforcement-point', name);
  if (roster.people.some(({ person }) => person === name))
    return { kind: 'person', role: 'person', holder: name, scope: org, file: paths.personKey(name) };
  return fault('WRIT-REG-002', `${name} is no service with a key, agent, enforcement point or person here`);
};

const asker = (file: string, kind: 'agent' | 'enforcement-point', name: string): Holder => ({
  ...{ kind, role: kind, holder: name, scope: name },
  file,
});

/** The registrar's key file. */
export const registrarFile = (home: string): string => join(installPaths(home).keysDir, 'registry.jwk');
