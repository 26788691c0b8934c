// Changing who is on the bus: agents, people, auditors; the files, and a running server that reads them again.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type KeyCertificate, RegistryAction } from '@writ/contracts';
import { readKeyFile } from '@writ/crypto';
import { expect, test } from 'vitest';
import {
  type Added,
  addAgent,
  addAuditor,
  addEnforcementPoint,
  addPerson,
  applyRoster,
  connectBus,
  findNatsServer,
  readRoster,
  removeMember,
  serverConfig,
  setHaltScopes,
  startNatsServer,
  verifyPossession,
} from '../src/index.js';
import { accounts, BOT, installed } from './installed.js';
import { afterwards, tempDir } from './temp-dir.js';

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
