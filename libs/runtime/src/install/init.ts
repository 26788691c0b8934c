// Owns the founding of an installation: keys, roster, server configuration, first frames. It starts nothing, and never touches an
// installation that is there.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  AgentScope,
  type KeyCertificate,
  type KeyRole,
  type Refused,
  type RegistryAction,
  refused,
  Services,
  Token,
} from '@writ/contracts';
import { type KeyPair, ledgerOrigin } from '@writ/crypto';
import { nameProblem, type Roster } from '../bus/roster.js';
import { PlaneServices } from '../bus/service-permissions.js';
import { type Clock, systemClock } from '../clock.js';
import { ensureHome } from '../home.js';
import { uuidv7 } from '../uuidv7.js';
import { createKek } from '../vault/kek.js';
import { replaceFile } from './atomic-file.js';
import { type ServerPlace, writeAccounts, writeServerSettings } from './bus-files.js';
import { certificateFor } from './certificate.js';
import { type Founding, genesisFrame, rootCommandFrames } from './genesis.js';
import { ensureKey, ensureNkey } from './identity.js';
import { type InstallPaths, installPaths } from './layout.js';
import { makePerson } from './member-files.js';
import type { OrganisationFile } from './organisation-file.js';
import { saveRoster } from './roster-file.js';

/** What an installation begins with. `admin` gets the roles admin, operator and approver, and may halt everything. */
export type InitOptions = {
  readonly home: string;
  readonly org: string;
  readonly admin: string;
  /** At least one; projects are created as they come. */
  readonly environments: readonly { readonly project: string; readonly environment: string }[];
  readonly server?: ServerPlace;
  /** How long the root's first commands may wait for the first start, days; 30. */
  readonly bootstrapDays?: number;
  /** How many root keys to make, 1 to 16, and how many of them must agree; 1 of 1 when absent. */
  readonly roots?: number;
  readonly threshold?: number;
  readonly clock?: Clock;
};

/** A new installation. */
export type Installed = {
  readonly kind: 'installed';
  readonly paths: InstallPaths;
  readonly organisation: OrganisationFile;
};

const DAY_MS = 86_400_000;
const PARTS = ['keys', 'nats', 'agents', 'people', 'roster.json', 'bootstrap.ndjson', 'org.json'] as const;

/**
 * Founds an installation in `home`: root and service keys, NATS keys, the admin, the vault's key, roster, server configuration,
 * and `bootstrap.ndjson`, which the registry carries out at its first start. Everything is made in a folder of its own and
 * moved in at the end, org.json last: without org.json there is no installation. WRIT-CLI-004: there is one already;
 * WRIT-REG-006: a name is not fit.
 */
export function initInstallation(options: InitOptions): Installed | Refused {
  const problem = findProblem(options);
  if (problem !== undefined) return refused('WRIT-REG-006', problem);
  const final = installPaths(options.home);
  const taken = PARTS.find((part) => isTaken(join(final.root, part)));
  if (taken !== undefined) return refused('WRIT-CLI-004', join(final.root, taken));
  ensureHome(final.root);
  const stage = mkdtempSync(join(final.root, '.init-'));
  try {
    const made = build(options, installPaths(stage), final);
    if (made.kind === 'refused') return made;
    for (const part of PARTS) renameSync(join(stage, part), join(final.root, part));
    return { kind: 'installed', paths: final, organisation: made.organisation };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function findProblem({
  org,
  admin,
  environments,
  roots = 1,
  threshold = 1,
}: InitOptions): string | undefined {
  if (!Token.safeParse(org).success) return 'the name of the organisation is not fit';
  const person = nameProblem(admin, org);
  if (person !== undefined) return `the admin: ${person}`;
  if (!Number.isInteger(roots) || roots < 1 || roots > 16) return 'there are 1 to 16 root keys';
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > roots)
    return 'the threshold is at least one and at most the number of root keys';
  if (environments.length === 0) return 'at least one environment is needed';
  const fit = environments.every(
    (e) => AgentScope.safeParse(`${org}.${e.project}.${e.environment}.x`).success,
  );
  return fit ? undefined : 'the name of a project or an environment is not fit';
}

function isTaken(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    return readdirSync(path).length > 0;
  } catch {
    return true;
  }
}

type Made = { readonly kind: 'made'; readonly organisation: OrganisationFile } | Refused;

function build(options: InitOptions, paths: InstallPaths, final: InstallPaths): Made {
  const clock = options.clock ?? systemClock;
  const founding: Founding = {
    org: options.org,
    ...rootsIn(paths, options),
    time: new Date(clock.now()).toISOString(),
    newId: () => uuidv7(clock),
  };
  for (const dir of ['keys', 'nats', 'agents', 'people'])
    mkdirSync(join(paths.root, dir), { recursive: true, mode: 0o700 });
  const registrar = certify(founding, keyIn(paths, 'registry'), 'registrar', 'registry');
  const person = certify(founding, ensureKey(paths.personKey(options.admin)), 'person', options.admin);
  const actions = firstActions(options, founding, paths, person);
  const commands = rootCommandFrames(founding, actions, expiryOf(options));
  const genesis = genesisFrame(founding, registrar, commands);
  const organisation = organisationOf(founding, registrar, genesis);
  const admin = makePerson(paths, organisation, { person: options.admin, ...adminRights(options.org) });
  const roster = rosterOf(options, paths, admin.nkey);
  const unfit = saveRoster(paths, roster);
  if (unfit !== undefined) return unfit;
  createKek(paths.kekFile);
  writeServerSettings(paths, final, options.server ?? {});
  writeAccounts(paths, roster);
  writeBootstrap(paths, [genesis, ...commands]);
  replaceFile(paths.orgFile, `${JSON.stringify(organisation, null, 2)}\n`, 0o644);
  return { kind: 'made', organisation };
}

function keyIn(paths: InstallPaths, name: string): KeyPair {
  return ensureKey(paths.keyFile(name));
}

/** `keys/root.jwk`; of several `keys/root-1.jwk` and so on. Meant to be taken off this machine. */
function rootsIn(
  paths: InstallPaths,
  { roots = 1, threshold = 1 }: InitOptions,
): Pick<Founding, 'root' | 'others' | 'threshold'> {
  const names = roots === 1 ? ['root'] : Array.from({ length: roots }, (_, n) => `root-${n + 1}`);
  const [root, ...others] = names.map((name) => keyIn(paths, name));
  return { root: root as KeyPair, others, threshold };
}

function certify(
  { org, time, newId }: Founding,
  pair: KeyPair,
  role: KeyRole,
  holder: string,
): KeyCertificate {
  return certificateFor({ pair, role, holder, scope: org, org, time, id: newId() });
}

function organisationOf(
  { org, root, others, threshold }: Founding,
  { kid, x }: KeyCertificate,
  genesis: Uint8Array,
): OrganisationFile {
  return {
    org,
    roots: [root, ...others].map(({ kid: id, x: key }) => ({ kid: id, x: key })),
    threshold,
    registrar: { kid, x },
    origin: ledgerOrigin(org, genesis) as string,
  };
}

function adminRights(org: Token): Pick<Roster['people'][number], 'grants' | 'haltScopes'> {
  const grants = (['admin', 'operator', 'approver'] as const).map((role) => ({ role, scope: org }));
  return { grants, haltScopes: [org] };
}

function rosterOf({ org, admin }: InitOptions, paths: InstallPaths, adminNkey: string): Roster {
  const services = Object.fromEntries(Services.map((name) => [name, ensureNkey(paths.natsSeed(name))]));
  return {
    version: 1,
    org,
    bootstrap: ensureNkey(paths.natsSeed('bootstrap')),
    services: services as Roster['services'],
    agents: [],
    enforcementPoints: [],
    people: [{ person: admin, nkey: adminNkey, ...adminRights(org) }],
    auditors: [],
  };
}

function firstActions(
  { org, admin, environments }: InitOptions,
  founding: Founding,
  paths: InstallPaths,
  person: KeyCertificate,
): readonly RegistryAction[] {
  const signers = PlaneServices.filter((name) => name !== 'registry');
  const projects = [...new Set(environments.map(({ project }) => project))];
  return [
    ...signers.map((name) => ({
      do: 'certify-key' as const,
      key: certify(founding, keyIn(paths, name), name, name),
    })),
    { do: 'add-person', person: admin, grants: [...adminRights(org).grants], key: person },
    ...projects.map((project) => ({ do: 'create-project' as const, project })),
    ...environments.map((environment) => ({ do: 'create-environment' as const, ...environment })),
  ];
}

function expiryOf({ bootstrapDays = 30, clock = systemClock }: InitOptions): string {
  return new Date(clock.now() + bootstrapDays * DAY_MS).toISOString();
}

function writeBootstrap(paths: InstallPaths, frames: readonly Uint8Array[]): void {
  replaceFile(
    paths.bootstrapFile,
    frames.map((frame) => `${Buffer.from(frame).toString('utf8')}\n`).join(''),
  );
}
