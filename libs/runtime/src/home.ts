// Owns the layout of an installation's folder. The paths are pure; only `ensureHome` touches the disk.
import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RuntimeFault } from './faults.js';

/** Every path of one installation (`.writ/`), absolute. Functions check that a name stays inside its folder. */
export type HomePaths = {
  readonly root: string;
  /** org.json: organisation, root public keys, registrar. */
  readonly orgFile: string;
  readonly keysDir: string;
  /** Event key of a role (JWK, mode 0600). */
  readonly keyFile: (role: string) => string;
  readonly kekFile: string;
  readonly vaultCredentialsFile: string;
  readonly natsDir: string;
  readonly natsConfig: string;
  readonly natsPermissions: string;
  readonly natsStore: string;
  readonly natsLog: string;
  readonly natsPid: string;
  /** NATS seed of a service or another identity that is neither agent nor person. */
  readonly natsSeed: (identity: string) => string;
  readonly postgresDir: string;
  /** What the sealer must never forget: its last signed checkpoint. */
  readonly sealerDir: string;
  /** Whose cosignatures the sealer collects; optional. */
  readonly witnessesFile: string;
  /** Where checkpoints are written besides; optional. */
  readonly anchorsFile: string;
  readonly runDir: string;
  /** What a running service reports: pid, HTTP port, readiness. */
  readonly runFile: (service: string) => string;
  /** What outlives a process: the ledger as each service last knew it. */
  readonly knownDir: string;
  readonly markFile: (service: string) => string;
  readonly agentsDir: string;
  readonly agentDir: (scope: string) => string;
  readonly agentKey: (scope: string) => string;
  readonly agentSeed: (scope: string) => string;
  readonly agentFile: (scope: string) => string;
  readonly peopleDir: string;
  readonly personDir: (person: string) => string;
  readonly personKey: (person: string) => string;
  readonly personSeed: (person: string) => string;
  readonly personFile: (person: string) => string;
};

/** The layout beneath `root` (made absolute). Pure. Throws WRIT-CFG-005 for a name that is not fit for a path. */
export function homePaths(root: string): HomePaths {
  const at = (...parts: string[]) => join(resolve(root), ...parts);
  const agentDir = (scope: string) => at('agents', safe(scope));
  const personDir = (person: string) => at('people', safe(person));
  return {
    root: resolve(root),
    orgFile: at('org.json'),
    ...servers(at),
    keysDir: at('keys'),
    keyFile: (role) => at('keys', `${safe(role)}.jwk`),
    kekFile: at('keys', 'vault.kek'),
    vaultCredentialsFile: at('keys', 'vault-credentials.json'),
    runDir: at('run'),
    runFile: (service) => at('run', `${safe(service)}.json`),
    knownDir: at('known'),
    markFile: (service) => at('known', `${safe(service)}.json`),
    agentsDir: at('agents'),
    agentDir,
    agentKey: (scope) => join(agentDir(scope), 'agent.jwk'),
    agentSeed: (scope) => join(agentDir(scope), 'agent.nk'),
    agentFile: (scope) => join(agentDir(scope), 'agent.json'),
    peopleDir: at('people'),
    personDir,
    personKey: (person) => join(personDir(person), 'person.jwk'),
    personSeed: (person) => join(personDir(person), 'person.nk'),
    personFile: (person) => join(personDir(person), 'person.json'),
  };
}

function servers(at: (...parts: string[]) => string) {
  return {
    natsDir: at('nats'),
    natsConfig: at('nats', 'server.conf'),
    natsPermissions: at('nats', 'permissions.conf'),
    natsStore: at('nats', 'store'),
    natsLog: at('nats', 'server.log'),
    natsPid: at('nats', 'server.pid'),
    natsSeed: (identity: string) => at('nats', `${safe(identity)}.nk`),
    postgresDir: at('postgres'),
    sealerDir: at('sealer'),
    witnessesFile: at('witnesses.json'),
    anchorsFile: at('anchors.json'),
  };
}

function safe(name: string): string {
  if (/^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$/.test(name)) return name;
  throw new RuntimeFault('WRIT-CFG-005', 'a name has characters that a path of the home folder may not have');
}

/**
 * Makes the folders of an installation. The root can be passed through by other accounts (0711: an embedded Postgres of
 * root runs under another account) but not listed; every folder with keys is 0700. Doing it again changes nothing.
 */
export function ensureHome(root: string): HomePaths {
  const home = homePaths(root);
  mkdirSync(home.root, { recursive: true });
  chmodSync(home.root, 0o711);
  for (const dir of [
    home.keysDir,
    home.natsDir,
    home.agentsDir,
    home.peopleDir,
    home.runDir,
    home.knownDir,
  ]) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
  }
  return home;
}
