// Founding an installation and changing who is on the bus: files, frames, modes, and a running server that reads it again.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  Command,
  type KeyCertificate,
  LEDGER_PAYLOAD_TYPE,
  livePayloadType,
  parseLedgerDocument,
  RegistryAction,
} from '@writ/contracts';
import { generateKeyPair, importPublic, openFrame, readKeyFile, ZERO_DIGEST } from '@writ/crypto';
import { expect, test } from 'vitest';
import {
  type Added,
  addAgent,
  addAuditor,
  addEnforcementPoint,
  addPerson,
  applyRoster,
  certificateFor,
  connectBus,
  findNatsServer,
  type Installed,
  initInstallation,
  installPaths,
  readPrivateFile,
  readRoster,
  removeMember,
  serverConfig,
  setHaltScopes,
  startNatsServer,
  uuidv7,
  verifyPossession,
} from '../src/index.js';
import { afterwards, tempDir } from './temp-dir.js';

const BOT = 'acme.shop.prod.bot';

function installed(home = join(tempDir(), 'writ')): Installed {
  const environments = ['prod', 'test'].map((environment) => ({ project: 'shop', environment }));
  const made = initInstallation({ home, org: 'acme', admin: 'dana', environments });
  if (made.kind === 'refused') throw new Error(made.reason);
  return made;
}

const files = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const accounts = (home: string): string => readFileSync(installPaths(home).natsPermissions, 'utf8');

test('a new installation has every key in a file of its own that nobody else may read, and none of them in a public file', () => {
  const { paths } = installed();
  const secret = files(paths.root).filter((path) => /\.(jwk|nk|kek)$/.test(path));
  expect(secret.map((path) => statSync(path).mode & 0o777)).toEqual(secret.map(() => 0o600));
  const names = [
    'root',
    'registry',
    'decision',
    'approval',
    'receipt-ledger',
    'anomaly-detector',
    'kill-switch',
  ];
  for (const name of names) expect(readKeyFile(paths.keyFile(name)).kid).toHaveLength(43);
  for (const name of ['bootstrap', 'read-model', ...names.slice(1)])
    expect(readPrivateFile(paths.natsSeed(name))).toMatch(/^SU[A-Z2-7]{56}$/);
  const open = files(paths.root).filter((path) => !secret.includes(path));
  for (const path of open) {
    const text = readFileSync(path, 'utf8');
    expect([path, /SU[A-Z2-7]{56}|"d"/.test(text)]).toEqual([path, false]);
  }
  expect(readRoster(JSON.parse(readFileSync(paths.rosterFile, 'utf8'))).kind).toBe('roster');
  expect(readdirSync(paths.root).filter((name) => name.startsWith('.init'))).toEqual([]);
});

test('the genesis is version 1, signed by the pinned root, and certifies a registrar that has its key', () => {
  const { paths, organisation } = installed();
  const [first = ''] = readFileSync(paths.bootstrapFile, 'utf8').split('\n');
  const root = importPublic(organisation.roots[0]?.x ?? '');
  const opened = openFrame(Buffer.from(first), LEDGER_PAYLOAD_TYPE, root);
  if (!opened.ok) throw new Error(opened.reason);
  const parsed = parseLedgerDocument(opened.document);
  if (parsed.kind !== 'known' || parsed.document.type !== 'writ.registry.organisation-founded.v1')
    throw new Error('no genesis');
  const { ver, prev, subject, data } = parsed.document;
  expect([ver, prev, subject]).toEqual([1, ZERO_DIGEST, 'gov.ledger.registry.acme']);
  expect(data.roots).toEqual(organisation.roots);
  expect([data.registrar.role, data.registrar.kid]).toEqual(['registrar', organisation.registrar.kid]);
  expect(verifyPossession(data.registrar, 'acme')).toBe(true);
});

test('the root commands behind it follow on each other and certify five services, the admin, and the environments', () => {
  const { paths, organisation } = installed();
  const lines = readFileSync(paths.bootstrapFile, 'utf8').trimEnd().split('\n').slice(1);
  const root = importPublic(organisation.roots[0]?.x ?? '');
  const commands = lines.map((line) => {
    const opened = openFrame(Buffer.from(line), livePayloadType('command'), root);
    if (!opened.ok) throw new Error(opened.reason);
    return Command.parse(opened.document);
  });
  const subject = 'gov.command.registry.acme.root';
  expect(commands.map((command) => command.subject)).toEqual(commands.map(() => subject));
  expect(commands.map((command) => command.data.version)).toEqual(commands.map((_, index) => index + 1));
  expect(new Set(commands.map((command) => command.id)).size).toBe(commands.length);
  const actions = commands.map((command) => RegistryAction.parse(command.data.action));
  expect(actions.map((action) => action.do)).toEqual([
    ...Array.from({ length: 5 }, () => 'certify-key'),
    'add-person',
    'create-project',
    'create-environment',
    'create-environment',
  ]);
  const certificates = actions.flatMap((action) => ('key' in action ? [action.key] : []));
  const holders = ['decision', 'approval', 'receipt-ledger', 'anomaly-detector', 'kill-switch', 'dana'];
  expect(certificates.map((certificate) => certificate.holder)).toEqual(holders);
  expect(certificates.map((certificate) => verifyPossession(certificate, 'acme'))).toEqual(
    holders.map(() => true),
  );
});

test('nothing is founded over an installation, over parts of one, or under a name that is not fit', () => {
  const { paths } = installed();
  const before = readFileSync(paths.orgFile, 'utf8');
  const again = {
    home: paths.root,
    org: 'acme',
    admin: 'dana',
    environments: [{ project: 'a', environment: 'b' }],
  };
  expect(initInstallation(again)).toMatchObject({ kind: 'refused', code: 'WRIT-CLI-004' });
  expect(readFileSync(paths.orgFile, 'utf8')).toBe(before);
  const fresh = join(tempDir(), 'other');
  for (const bad of [
    { org: '*' },
    { org: 'decision' },
    { admin: 'acme' },
    { admin: 'svc-x' },
    { admin: '>' },
    { environments: [] },
  ]) {
    expect(initInstallation({ ...again, home: fresh, ...bad })).toMatchObject({ code: 'WRIT-REG-006' });
    expect(existsSync(join(fresh, 'org.json'))).toBe(false);
  }
});

test('a certificate with anything changed, or for another organisation, is no proof of possession', () => {
  const time = '2026-11-21T00:00:00.000Z';
  const request = { role: 'agent', holder: BOT, scope: BOT, org: 'acme', time, id: uuidv7() } as const;
  const certificate = certificateFor({ ...request, pair: generateKeyPair() });
  const other = certificateFor({ ...request, pair: generateKeyPair() });
  expect(verifyPossession(certificate, 'acme')).toBe(true);
  expect(verifyPossession(certificate, 'globex')).toBe(false);
  const changes: Partial<KeyCertificate>[] = [
    { role: 'person' },
    { holder: 'acme.shop.prod.other' },
    { scope: 'acme' },
    { kid: other.kid, x: other.x },
    { kid: other.kid },
    { x: other.x },
    { possession: other.possession },
    { possession: { ...certificate.possession, sig: other.possession.sig } },
    { possession: { ...certificate.possession, signed: { ...certificate.possession.signed, n: 1.5 } } },
  ];
  for (const change of changes) expect(verifyPossession({ ...certificate, ...change }, 'acme')).toBe(false);
});

test('an agent, an enforcement point and a person get keys, a place on the bus and an action that their keys vouch for', async () => {
  const { paths } = installed();
  const home = paths.root;
  const agent = await addAgent(home, { agent: BOT, owner: 'dana' });
  const gate = await addEnforcementPoint(home, { name: 'acme.shop.prod.gate', owner: 'dana' });
  const grants = [{ role: 'operator' as const, scope: 'acme.shop' }];
  const person = await addPerson(home, { person: 'oncall', grants, haltScopes: ['acme.shop'] });
  const added = [agent, gate, person] as Added[];
  expect(added.map(({ kind, reload }) => [kind, reload])).toEqual(added.map(() => ['added', 'not-running']));
  expect(added.map(({ action }) => action.do)).toEqual([
    'register-agent',
    'register-enforcement-point',
    'add-person',
  ]);
  for (const { action } of added) {
    const { key } = RegistryAction.parse(action) as { key: KeyCertificate };
    expect(verifyPossession(key, 'acme')).toBe(true);
  }
  expect(added[0]?.action).toMatchObject({ key: { kid: readKeyFile(paths.agentKey(BOT)).kid } });
  expect(accounts(home)).toContain(`gov.intent.${BOT}`);
  expect(accounts(home)).toContain('gov.halt.oncall.acme.shop.>');

  expect((await setHaltScopes(home, 'oncall', ['acme.shop.test'])).kind).toBe('changed');
  expect(accounts(home)).not.toContain('"gov.halt.oncall.acme.shop.>"');
  expect((await addAuditor(home, { auditor: 'ada' })).kind).toBe('changed');
  expect((await removeMember(home, { kind: 'agent', scope: BOT })).kind).toBe('changed');
  expect(accounts(home)).not.toContain(`gov.intent.${BOT}`);
  expect(existsSync(paths.agentKey(BOT))).toBe(true);
});

test('a command given again hands back the same keys, and a taken name or a wrong scope is refused without a trace', async () => {
  const { paths } = installed();
  const home = paths.root;
  const first = (await addAgent(home, { agent: BOT, owner: 'dana' })) as Added;
  const second = (await addAgent(home, { agent: BOT, owner: 'dana' })) as Added;
  const kid = ({ action }: Added) => (action as { key: KeyCertificate }).key.kid;
  expect(kid(second)).toBe(kid(first));
  await addPerson(home, { person: 'eve', grants: [], haltScopes: [] });
  const before = [readFileSync(paths.rosterFile, 'utf8'), accounts(home)];
  const refusals = await Promise.all([
    addAgent(home, { agent: BOT, owner: 'eve' }),
    addEnforcementPoint(home, { name: BOT, owner: 'dana' }),
    addAgent(home, { agent: 'acme.shop.prod.x', owner: 'nobody' }),
    addAgent(home, { agent: 'globex.shop.prod.x', owner: 'dana' }),
    addAgent(home, { agent: 'acme.shop.prod.*', owner: 'dana' }),
    addPerson(home, { person: '*', grants: [], haltScopes: [] }),
    addPerson(home, { person: 'acme', grants: [], haltScopes: [] }),
    addPerson(home, { person: 'mallory', grants: [], haltScopes: ['globex'] }),
    addPerson(home, { person: 'eve', grants: [], haltScopes: ['acme'] }),
    addAuditor(home, { auditor: 'eve' }),
    addAuditor(home, { auditor: '../x' }),
    setHaltScopes(home, 'eve', ['globex']),
    removeMember(home, { kind: 'person', person: '../../etc' }),
    applyRoster(join(home, 'nowhere')),
  ]);
  expect(refusals.map((refusal) => (refusal.kind === 'refused' ? refusal.code : refusal.kind))).toEqual([
    'WRIT-REG-003',
    'WRIT-REG-003',
    'WRIT-REG-002',
    ...Array.from({ length: 5 }, () => 'WRIT-REG-006'),
    'WRIT-REG-003',
    'WRIT-REG-003',
    'WRIT-REG-006',
    'WRIT-REG-006',
    'WRIT-REG-002',
    'WRIT-CLI-003',
  ]);
  expect([readFileSync(paths.rosterFile, 'utf8'), accounts(home)]).toEqual(before);
  expect(readdirSync(paths.peopleDir).sort()).toEqual(['dana', 'eve']);
});

test('commands at the same time lose none of each other, and the lock of a dead process does not stop them', async () => {
  const { paths } = installed();
  writeFileSync(paths.rosterLock, '2147483646');
  const names = Array.from({ length: 8 }, (_, n) => `acme.shop.prod.bot${n}`);
  await Promise.all(names.map((agent) => addAgent(paths.root, { agent, owner: 'dana' })));
  const roster = JSON.parse(readFileSync(paths.rosterFile, 'utf8')) as { agents: { scope: string }[] };
  expect(roster.agents.map((a) => a.scope).sort()).toEqual(names);
  expect(existsSync(paths.rosterLock)).toBe(false);
});

test('a running server takes a new agent in at once, keeps every connection, and drops an agent that is removed', async () => {
  const { paths } = installed();
  const home = paths.root;
  await addAgent(home, { agent: BOT, owner: 'dana' });
  const server = await startNatsServer({
    storeDir: paths.natsStore,
    configFile: paths.natsConfig,
    pidFile: paths.natsPid,
    logFile: paths.natsLog,
  });
  afterwards(() => server.stop());
  const connect = async (seedFile: string, owner: string) => {
    const connection = await connectBus({
      url: server.url,
      seedFile,
      inboxPrefix: `_INBOX.${owner}`,
      name: owner,
    });
    afterwards(() => connection.close());
    return connection;
  };
  const dana = await connect(paths.personSeed('dana'), 'dana');
  const bot = await connect(paths.agentSeed(BOT), BOT);
  const statuses: string[] = [];
  void (async () => {
    for await (const { type } of dana.status()) statuses.push(type);
  })();
  const added = await addAgent(home, { agent: 'acme.shop.prod.second', owner: 'dana' });
  expect(added).toMatchObject({ kind: 'added', reload: 'reloaded' });
  const second = await connect(paths.agentSeed('acme.shop.prod.second'), 'acme.shop.prod.second');
  await second.flush();

  const dropped = (async () => {
    for await (const { type } of bot.status()) if (type === 'disconnect') return type;
    return 'ended';
  })();
  expect(await removeMember(home, { kind: 'agent', scope: BOT })).toMatchObject({ reload: 'reloaded' });
  expect(await dropped).toBe('disconnect');
  await dana.flush();
  expect(statuses.filter((type) => type === 'disconnect')).toEqual([]);
});

test('nats-server accepts the generated configuration, account limits included', async () => {
  const { paths } = installed();
  await addAuditor(paths.root, { auditor: 'ada' });
  const { path } = await findNatsServer();
  await expect(promisify(execFile)(path, ['-t', '-c', paths.natsConfig])).resolves.toBeDefined();
  const checked = readRoster(JSON.parse(readFileSync(paths.rosterFile, 'utf8')));
  if (checked.kind === 'refused') throw new Error(checked.reason);
  const limits = { maxConnections: 10, maxReaders: 2, maxMemoryBytes: 1 << 28, maxFileBytes: 1 << 30 };
  const file = join(tempDir(), 'limits.conf');
  writeFileSync(file, serverConfig(checked.roster, { storeDir: paths.natsStore, port: -1, limits }));
  await expect(promisify(execFile)(path, ['-t', '-c', file])).resolves.toBeDefined();
});
