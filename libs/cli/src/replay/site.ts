// Owns the plane on which a replay happens: the one that runs here, or a temporary one with an installation of its own.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentScope, EnvironmentScope, RegistryAction, ServiceName, Token } from '@writ/contracts';
import { addAgent, initInstallation, installPaths, removeMember } from '@writ/runtime';
import { orFault } from '../fault.js';
import { natsUrlOf, organisationIn, readRunFile, signerOf } from '../home.js';
import { readPerson } from '../person/credentials.js';
import { bringUp } from '../plane/up.js';

/** Where to replay, and who signs the commands that prepare it. */
export type Site =
  | { readonly kind: 'running'; readonly home: string; readonly org: Token; readonly person: Token }
  | { readonly kind: 'temporary'; readonly person: Token };

/** A plane with the agents on its bus. `enrolments` are for the registry to carry out. */
export type OpenSite = {
  readonly home: string;
  readonly natsUrl: string;
  readonly enrolments: readonly RegistryAction[];
};

/** What is to be undone, last first. */
export type Undo = { push(step: () => Promise<unknown>): unknown };

/** The project of every replay, and the environment of one on a temporary plane. */
export const REPLAY = {
  project: 'replay',
  organisation: 'replay',
  environment: 'recorded',
  person: 'replayer',
} as const;

/** What a replay needs; nobody reads from a plane that is about to go. */
const SERVICES: readonly ServiceName[] = [
  'decision',
  'approval',
  'receipt-ledger',
  'anomaly-detector',
  'kill-switch',
];

/** The running plane of the installation where there is one (or WRIT_NATS_URL says so), else a temporary one. */
export function chooseSite(home: string, as: string | undefined): Site {
  const installed = existsSync(installPaths(home).orgFile);
  if (!installed || !(process.env['WRIT_NATS_URL'] || runsHere(home))) {
    return { kind: 'temporary', person: as ?? REPLAY.person };
  }
  return { kind: 'running', home, org: organisationIn(home).org, person: signerOf(home, as) };
}

function runsHere(home: string): boolean {
  const { pid } = readRunFile<{ pid?: unknown }>(home, 'up') ?? {};
  try {
    return typeof pid === 'number' && process.kill(pid, 0) && readRunFile(home, 'nats') !== undefined;
  } catch {
    return false;
  }
}

/** The environment for a replay: always the same on a temporary plane (so that digests are), a new one on a running plane. */
export function environmentFor(site: Site): EnvironmentScope {
  if (site.kind === 'temporary') return `${REPLAY.organisation}.${REPLAY.project}.${REPLAY.environment}`;
  return `${site.org}.${REPLAY.project}.run-${Date.now().toString(36)}`;
}

/** Lets the agents onto the bus, and brings the plane up where it is a temporary one. */
export function openSite(
  site: Site,
  environment: EnvironmentScope,
  agents: readonly AgentScope[],
  undo: Undo,
): Promise<OpenSite> {
  return site.kind === 'running'
    ? openRunning(site, agents, undo)
    : openTemporary(site, environment, agents, undo);
}

async function openRunning(
  { home, person }: Extract<Site, { kind: 'running' }>,
  agents: readonly AgentScope[],
  undo: Undo,
): Promise<OpenSite> {
  readPerson(home, person);
  const natsUrl = natsUrlOf(home);
  undo.push(async () => {
    for (const scope of agents) await removeMember(home, { kind: 'agent', scope });
    for (const scope of agents) rmSync(installPaths(home).agentDir(scope), { recursive: true, force: true });
  });
  return { home, natsUrl, enrolments: await enrol(home, agents, person) };
}

async function openTemporary(
  { person }: Site,
  environment: EnvironmentScope,
  agents: readonly AgentScope[],
  undo: Undo,
): Promise<OpenSite> {
  const home = mkdtempSync(join(tmpdir(), 'writ-replay-'));
  undo.push(async () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  const [org, project, name] = environment.split('.') as [string, string, string];
  orFault(initInstallation({ home, org, admin: person, environments: [{ project, environment: name }] }));
  // Before the server starts: it then reads everybody at once.
  const enrolments = await enrol(home, agents, person);
  const plane = await bringUp(home, { services: SERVICES });
  undo.push(() => plane.stop());
  return { home, natsUrl: plane.servers.natsUrl, enrolments };
}

async function enrol(
  home: string,
  agents: readonly AgentScope[],
  owner: Token,
): Promise<readonly RegistryAction[]> {
  const actions: RegistryAction[] = [];
  for (const agent of agents) actions.push(orFault(await addAgent(home, { agent, owner })).action);
  return actions;
}
