// A whole plane for one test file: a temporary home, real servers, every service a process of its own. Everything is gone after `stop`.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringUp, type RunningPlane } from '@writ/cli';
import {
  type ConnectOptions,
  connectEnforcementPoint,
  connectWrit,
  type EnforcementPoint,
  readCredentials,
  type WritClient,
} from '@writ/client';
import {
  type ApprovalGate,
  inboxOf,
  LeaseTimes,
  type PermissionBoundary,
  type RegistryAction,
  type RoleGrant,
  type ServiceName,
} from '@writ/contracts';
import { readKeyFile } from '@writ/crypto';
import {
  addAgent,
  addEnforcementPoint,
  addPerson,
  applyRoster,
  connectBus,
  type HomePaths,
  homePaths,
  initInstallation,
  type NatsServer,
  type Postgres,
  startNatsServer,
  startPostgres,
} from '@writ/runtime';
import { type Asker, asker } from './asker.js';
import { type LedgerView, ledgerView } from './ledger-view.js';
import { type Person, person } from './person.js';
import { type Processes, processesOf } from './processes.js';

export const ORG = 'acme';

export type PersonRights = {
  readonly grants?: readonly RoleGrant[];
  readonly haltScopes?: readonly string[];
};

/** Alice is the first administrator (admin, operator, approver; may halt everything) and owns all agents. */
export type PlaneOptions = {
  readonly agents: readonly string[];
  readonly points?: readonly string[];
  readonly people?: Readonly<Record<string, PersonRights>>;
  readonly environments?: readonly { readonly project: string; readonly environment: string }[];
  readonly documents?: readonly (PermissionBoundary | ApprovalGate)[];
};

export interface TestPlane extends Processes {
  readonly home: string;
  readonly paths: HomePaths;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly nats: NatsServer;
  readonly postgres: Postgres;
  readonly ledger: LedgerView;
  readonly alice: Person;
  /** The agent's own library, connected; closed with the plane. */
  agent(scope: string, options?: ConnectOptions): Promise<WritClient>;
  point(scope: string, options?: ConnectOptions): Promise<EnforcementPoint>;
  /** The same identity, signing by hand. */
  raw(scope: string): Promise<Asker>;
  person(name: string): Promise<Person>;
  publish(...documents: readonly (PermissionBoundary | ApprovalGate)[]): Promise<void>;
  /** Sends a registry command of alice that must succeed. */
  change(action: RegistryAction): Promise<void>;
  addAgent(scope: string): Promise<void>;
  stop(): Promise<void>;
}

type Stage = { readonly stop: () => Promise<void> | void };

const PRODUCTION = [{ project: 'shop', environment: 'prod' }];

const founded = async (home: string, options: PlaneOptions): Promise<readonly RegistryAction[]> => {
  const environments = options.environments ?? PRODUCTION;
  const made = await initInstallation({ home, org: ORG, admin: 'alice', environments });
  if (made.kind === 'refused') throw new Error(made.reason);
  const actions: RegistryAction[] = [];
  const add = async (adding: ReturnType<typeof addAgent>): Promise<void> => {
    const added = await adding;
    if (added.kind === 'refused') throw new Error(added.reason);
    actions.push(added.action);
  };
  for (const [name, { grants = [], haltScopes = [] }] of Object.entries(options.people ?? {}))
    await add(addPerson(home, { person: name, grants, haltScopes }));
  for (const agent of options.agents) await add(addAgent(home, { agent, owner: 'alice' }));
  for (const name of options.points ?? []) await add(addEnforcementPoint(home, { name, owner: 'alice' }));
  return actions;
};

const publishing = (document: PermissionBoundary | ApprovalGate): RegistryAction =>
  document.kind === 'ApprovalGate'
    ? { do: 'publish-gate', gate: document }
    : { do: 'publish-boundary', boundary: document };

/** Starts a plane; about 4 s. One per test file. */
export const startPlane = async (options: PlaneOptions): Promise<TestPlane> => {
  const home = mkdtempSync(join(tmpdir(), 'writ-plane-'));
  const stages: Stage[] = [{ stop: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }) }];
  const stop = async (): Promise<void> => {
    for (const stage of stages.splice(0).reverse()) await stage.stop();
  };
  try {
    return await raise(home, options, stages, stop);
  } catch (error) {
    await stop();
    throw error;
  }
};

const raise = async (
  home: string,
  options: PlaneOptions,
  stages: Stage[],
  stop: () => Promise<void>,
): Promise<TestPlane> => {
  const paths = homePaths(home);
  const actions = await founded(home, options);
  await applyRoster(home);
  const nats = await startNatsServer({
    storeDir: paths.natsStore,
    configFile: paths.natsConfig,
    logFile: paths.natsLog,
    pidFile: paths.natsPid,
  });
  stages.push(nats);
  const postgres = await startPostgres({ dir: paths.postgresDir, fast: true });
  stages.push(postgres);
  const databaseUrl = await postgres.createDatabase('writ');
  // A service runs what is built: the test runner's own flags (sources instead of dist) must not reach its process.
  process.execArgv = [];
  const running = await bringUp(home, { natsUrl: nats.url, databaseUrl }).catch((error: Error) => {
    throw new Error(`${error.message}\n${lastLines(paths)}`);
  });
  stages.push(running);
  const plane = await open(home, running, { nats, postgres, databaseUrl }, stages, stop);
  for (const action of actions) await plane.change(action);
  await plane.publish(...(options.documents ?? []));
  // The first lease comes up to 500 ms after the kill-switch is ready; nothing is issued before.
  await new Promise((resolve) => setTimeout(resolve, LeaseTimes.renewEveryMs));
  return plane;
};

const lastLines = ({ runDir }: HomePaths): string =>
  readdirSync(runDir)
    .filter((name) => name.endsWith('.log'))
    .map((name) => readFileSync(join(runDir, name), 'utf8').slice(-600))
    .join('\n');

const open = async (
  home: string,
  running: RunningPlane,
  servers: Pick<TestPlane, 'nats' | 'postgres' | 'databaseUrl'>,
  stages: Stage[],
  stop: () => Promise<void>,
): Promise<TestPlane> => {
  const paths = homePaths(home);
  const natsUrl = servers.nats.url;
  const connect = (name: string, seedFile: string) =>
    connectBus({ url: natsUrl, seedFile, inboxPrefix: inboxOf(name), name });
  const closing = <T extends { close(): Promise<void> }>(thing: T): T => {
    stages.push({ stop: () => thing.close() });
    return thing;
  };
  const reader = closing(await connect('read-model', paths.natsSeed('read-model')));
  const ledger = ledgerView(reader, inboxOf('read-model'));
  const credentials = (scope: string) => ({ ...readCredentials(paths.agentDir(scope)), natsUrl });
  const makePerson = async (name: string): Promise<Person> =>
    closing(
      person(
        name,
        ORG,
        readKeyFile(paths.personKey(name)),
        await connect(name, paths.personSeed(name)),
        ledger.registryVersion,
      ),
    );
  const alice = await makePerson('alice');
  const change = async (action: RegistryAction): Promise<void> => {
    const { code, first } = await alice.command('registry', action);
    if (code !== undefined) throw new Error(`${action.do}: ${code} ${first.data['reason']}`);
  };
  return {
    ...servers,
    ...processesOf(running.supervisor, paths),
    home,
    paths,
    natsUrl,
    ledger,
    alice,
    agent: async (scope, options) => closing(await connectWrit(credentials(scope), options)),
    point: async (scope, options) => closing(await connectEnforcementPoint(credentials(scope), options)),
    raw: async (scope) =>
      closing(asker(scope, readKeyFile(paths.agentKey(scope)), await connect(scope, paths.agentSeed(scope)))),
    person: makePerson,
    publish: async (...documents) => {
      for (const document of documents) await change(publishing(document));
    },
    change,
    addAgent: async (scope) => {
      const added = await addAgent(home, { agent: scope, owner: 'alice' });
      if (added.kind === 'refused') throw new Error(added.reason);
      await change(added.action);
    },
    stop,
  };
};

/** The log lines of a service so far. */
export const logOf = ({ paths }: TestPlane, service: ServiceName): string =>
  readFileSync(join(paths.runDir, `${service}.log`), 'utf8');
