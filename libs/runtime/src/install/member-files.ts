// Owns the folder of a member: an agent, an enforcement point, a person, an auditor. Each has what its holder needs and nothing of
// anybody else's. Existing keys are kept, so that an interrupted command can be given again.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inboxOf } from '@writ/contracts';
import type { SigningKey } from '@writ/crypto';
import type { RosterAgent, RosterPerson } from '../bus/roster.js';
import { replaceFile } from './atomic-file.js';
import { ensureNkey, ensureSigningKey } from './identity.js';
import type { InstallPaths } from './layout.js';
import type { OrganisationFile } from './organisation-file.js';

/** The two keys of a member: one signs, the other opens the connection. */
export type MemberKeys = { readonly pair: SigningKey; readonly nkey: string; readonly folder: string };

/** Where the bus is unless WRIT_NATS_URL says otherwise. */
const DEFAULT_NATS_URL = 'nats://127.0.0.1:4222';

export type AgentKind = 'agent' | 'enforcement-point';

/** Keys and agent.json of an agent or enforcement point: its scope, its inbox, its owner, the pinned root. */
export function makeAgent(
  paths: InstallPaths,
  organisation: OrganisationFile,
  kind: AgentKind,
  { scope, owner }: Omit<RosterAgent, 'nkey'>,
): MemberKeys {
  const folder = paths.agentDir(scope);
  const keys = {
    pair: ensureSigningKey(paths.agentKey(scope)),
    nkey: ensureNkey(paths.agentSeed(scope)),
    folder,
  };
  const { pair, nkey } = keys;
  write(paths.agentFile(scope), {
    role: kind,
    scope,
    owner,
    natsUrl: DEFAULT_NATS_URL,
    natsSeedFile: 'agent.nk',
    keyFile: 'agent.jwk',
    ...publicParts(organisation, scope, pair.kid, nkey),
  });
  return keys;
}

/** Keys and person.json of a person: roles asked for, scopes that the bus lets them halt, the pinned root. */
export function makePerson(
  paths: InstallPaths,
  organisation: OrganisationFile,
  { person, grants, haltScopes }: Omit<RosterPerson, 'nkey'>,
): MemberKeys {
  const folder = paths.personDir(person);
  const keys = {
    pair: ensureSigningKey(paths.personKey(person)),
    nkey: ensureNkey(paths.personSeed(person)),
    folder,
  };
  const about = publicParts(organisation, person, keys.pair.kid, keys.nkey);
  write(paths.personFile(person), { kind: 'person', person, grants, haltScopes, ...about });
  return keys;
}

/** The seed and auditor.json of an auditor: a reader signs nothing, so it has no event key. */
export function makeAuditor(
  paths: InstallPaths,
  organisation: OrganisationFile,
  auditor: string,
): Omit<MemberKeys, 'pair'> {
  const folder = paths.auditorDir(auditor);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const nkey = ensureNkey(join(folder, 'auditor.nk'));
  const about = publicParts(organisation, auditor, undefined, nkey);
  write(join(folder, 'auditor.json'), { kind: 'auditor', auditor, ...about });
  return { nkey, folder };
}

function publicParts(
  { org, roots, threshold, origin }: OrganisationFile,
  name: string,
  kid: string | undefined,
  nkey: string,
) {
  return { org, inbox: inboxOf(name), ...(kid === undefined ? {} : { kid }), nkey, roots, threshold, origin };
}

function write(path: string, value: object): void {
  replaceFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
