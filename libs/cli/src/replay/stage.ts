// Owns the stage of a replay: an environment and agents of its own, documents in force; and its end. On a plane that runs already
// nothing of another environment is touched.
import { connectWrit, readCredentials, type WritClient } from '@writ/client';
import type { AgentScope, EnvironmentScope, RegistryAction } from '@writ/contracts';
import { canonicalize, type JsonValue, sha256 } from '@writ/crypto';
import { installPaths } from '@writ/runtime';
import { CliFault } from '../fault.js';
import { recordedEvents } from '../person/carry-out.js';
import { connectPerson, type PersonConnection } from '../person/connect.js';
import { atScope, type ReplayDocuments } from './documents.js';
import { workThrough } from './pool.js';
import { openSite, type Site } from './site.js';

/** A stage that stands. `boundary`: digest of the boundary as published for the environment. */
export interface Stage {
  readonly environment: EnvironmentScope;
  readonly boundary: string;
  connect(agent: AgentScope): Promise<WritClient>;
  /** Agents retired and off the bus, connections closed, a temporary plane gone. */
  close(): Promise<void>;
}

const AT_ONCE = 8;

/** Sets the stage for these agents. What was begun is undone when it fails. */
export async function setStage(
  site: Site,
  environment: EnvironmentScope,
  agents: readonly AgentScope[],
  documents: ReplayDocuments,
): Promise<Stage> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const { home, natsUrl, enrolments } = await openSite(site, environment, agents, undo);
    const person = await connectPerson(home, site.person, natsUrl);
    undo.push(() => person.close());
    const boundary = atScope(documents.boundary, environment);
    const version = await publish(person, site, documents, environment);
    if (site.kind === 'running') undo.push(() => retire(person, agents));
    await workThrough(enrolments, AT_ONCE, (action) => told(person, action, version).then(() => undefined));
    return {
      ...{ environment, close, boundary: sha256(canonicalize(boundary as unknown as JsonValue)) },
      connect: (agent) => connectWrit({ ...readCredentials(installPaths(home).agentDir(agent)), natsUrl }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Puts the documents in force for the environment, which is made first on a running plane. Returns the registry's version. */
async function publish(
  person: PersonConnection,
  site: Site,
  { boundary, gates }: ReplayDocuments,
  environment: EnvironmentScope,
): Promise<number | undefined> {
  const [, project, name] = environment.split('.') as [string, string, string];
  if (site.kind === 'running') {
    await told(person, { do: 'create-project', project }).catch(unlessThere);
    await told(person, { do: 'create-environment', project, environment: name });
  }
  for (const gate of gates) await told(person, { do: 'publish-gate', gate: atScope(gate, environment) });
  return told(person, { do: 'publish-boundary', boundary: atScope(boundary, environment) });
}

/** Agents leave the registry's service too; one that was never registered is no failure. */
function retire(person: PersonConnection, agents: readonly AgentScope[]): Promise<void> {
  return workThrough(agents, AT_ONCE, async (agent) => {
    await person.command('registry', { do: 'retire-agent', agent });
  });
}

/** Has the registry carry out an action; returns the version that it became. */
async function told(
  person: PersonConnection,
  action: RegistryAction,
  version?: number,
): Promise<number | undefined> {
  const answer = await person.command('registry', action, version === undefined ? {} : { version });
  const document = recordedEvents(answer, 'registry').at(-1)?.document;
  return document !== undefined && 'ver' in document ? document.ver : undefined;
}

function unlessThere(error: unknown): undefined {
  if (error instanceof CliFault && error.refusal.code === 'WRIT-REG-003') return undefined;
  throw error;
}
