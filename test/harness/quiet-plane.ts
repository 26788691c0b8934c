// A real plane object of one service over a ledger in memory and a bus without a network: registry, keys and members are real.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Command,
  liveDocuments,
  type RegistryAction,
  type ServiceName,
  subjects,
} from '@writ/contracts';
import { type KeyPair, readKeyFile } from '@writ/crypto';
import { decideRegistry, evolveRegistry, findKey, registryInitial } from '@writ/domain';
import { createMemoryLedger, type Ledger } from '@writ/ledger';
import {
  addAgent,
  addEnforcementPoint,
  addPerson,
  type Clock,
  createLogger,
  createMetrics,
  initInstallation,
  installPaths,
  openPlane,
  type Plane,
  readOrganisation,
  signLive,
  verifyPossession,
} from '@writ/runtime';
import { type StubBus, stubBus } from './stub-bus.js';

type Paths = ReturnType<typeof installPaths>;

export type QuietPlane = {
  readonly plane: Plane;
  readonly bus: StubBus;
  /** Every line that was logged, at the lowest level. */
  readonly logs: readonly string[];
  readonly key: (holder: string) => KeyPair;
  readonly stop: () => Promise<void>;
};

export type QuietMembers = {
  readonly agents: readonly string[];
  readonly points: readonly string[];
  readonly people: readonly string[];
  /** Agents whose key is revoked again. */
  readonly revoked: readonly string[];
};

const opened = (
  service: ServiceName,
  paths: Paths,
  ledger: Ledger,
  clock: Clock,
): Pick<QuietPlane, 'plane' | 'bus' | 'logs'> => {
  const bus = stubBus();
  const logs: string[] = [];
  const stream = { write: (line: string) => void logs.push(line) };
  const { org, roots } = readOrganisation(paths.orgFile);
  const plane = openPlane({
    ...{ org, roots, service, ledger, clock },
    key: readKeyFile(paths.keyFile(service)),
    bus: bus.connection,
    families: ['registry', 'authority'],
    log: createLogger({ service, level: 'trace', stream }),
    metrics: createMetrics(service),
    onFailure: (error) => {
      throw error;
    },
  });
  return { plane, bus, logs };
};

/** Has the registry carry out the bootstrap file and then `actions` as alice, as the service does. */
const fillRegistry = async (
  paths: Paths,
  ledger: Ledger,
  clock: Clock,
  actions: readonly RegistryAction[],
) => {
  const { plane } = opened('registry', paths, ledger, clock);
  const writers = plane.writers('registry', registryInitial, evolveRegistry);
  await plane.start();
  const carryOut = async (bytes: Uint8Array, author: Parameters<typeof decideRegistry>[0]['author']) => {
    const frame = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const command: Command = liveDocuments.command.parse(frame.signed);
    const possession = (certificate: Parameters<typeof verifyPossession>[0]) =>
      verifyPossession(certificate, plane.org);
    const input = { command, frame, author, now: plane.timestamp(), digests: {}, possession };
    const done = await writers.of(plane.org).submit({
      id: command.id,
      deadline: performance.now() + 2000,
      decide: ({ state }) => decideRegistry(input, state),
    });
    if (done.kind !== 'done' || done.result.kind === 'refused') throw new Error(JSON.stringify(done));
  };
  const [genesis = '', ...commands] = readFileSync(paths.bootstrapFile, 'utf8').trim().split('\n');
  await ledger.append({
    subject: subjects.ledger('registry', plane.org),
    expected: 0,
    messages: [{ id: 'genesis', bytes: Buffer.from(genesis) }],
  });
  await plane.follower.reached(1, 2000);
  for (const line of commands) await carryOut(Buffer.from(line), { kind: 'root' });
  const alice = readKeyFile(paths.personKey('alice'));
  const subject = subjects.command('registry', plane.org, 'alice');
  for (const action of actions) {
    const data = {
      action,
      expires: new Date(Date.now() + 60_000).toISOString(),
      version: plane.registry().ver,
    };
    await carryOut(signLive('command', subject, data, alice).bytes, { kind: 'person', person: 'alice' });
  }
  await plane.stop();
};

const added = async (adding: ReturnType<typeof addAgent>): Promise<RegistryAction> => {
  const member = await adding;
  if (member.kind === 'refused') throw new Error(member.reason);
  return member.action;
};

/** Opens and starts the plane of `service`. `clock` is its time: token buckets and ages go by it. */
export const quietPlane = async (
  service: ServiceName,
  members: QuietMembers,
  clock: Clock,
): Promise<QuietPlane> => {
  const home = mkdtempSync(join(tmpdir(), 'writ-quiet-'));
  const environments = [{ project: 'shop', environment: 'prod' }];
  await initInstallation({ home, org: 'acme', admin: 'alice', environments });
  const paths = installPaths(home);
  const actions: RegistryAction[] = [];
  for (const person of members.people)
    actions.push(await added(addPerson(home, { person, grants: [], haltScopes: [] })));
  for (const agent of [...members.agents, ...members.revoked])
    actions.push(await added(addAgent(home, { agent, owner: 'alice' })));
  for (const name of members.points)
    actions.push(await added(addEnforcementPoint(home, { name, owner: 'alice' })));
  for (const agent of members.revoked) {
    const { kid } = readKeyFile(paths.agentKey(agent));
    actions.push({ do: 'revoke-key', kid, reason: 'compromised' });
  }
  const ledger = createMemoryLedger();
  await fillRegistry(paths, ledger, clock, actions);
  const quiet = opened(service, paths, ledger, clock);
  await quiet.plane.start();
  const key = (holder: string): KeyPair =>
    readKeyFile(holder.includes('.') ? paths.agentKey(holder) : paths.personKey(holder));
  if (findKey(quiet.plane.registry(), key('alice').kid) === undefined)
    throw new Error('the registry is empty');
  return {
    ...quiet,
    key: (holder) => (holder.startsWith('svc:') ? readKeyFile(paths.keyFile(holder.slice(4))) : key(holder)),
    stop: async () => {
      await quiet.plane.stop();
      await ledger.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
};
