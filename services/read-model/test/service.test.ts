// The service as it runs: an installation, a real nats-server with its permissions, a real Postgres, and the API's own port.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { subjects } from '@writ/contracts';
import { createJetStreamLedger, ensureStreams } from '@writ/ledger';
import { prepareDatabase } from '@writ/projections';
import {
  connectBus,
  initInstallation,
  installPaths,
  loadConfig,
  type NatsServer,
  type RunningService,
  readPrivateFile,
  startNatsServer,
  startService,
} from '@writ/runtime';
import { startTestPostgres, type TestPostgres, tempDir } from '@writ/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseCredentials, secretFiles, startReadModel } from '../src/index.js';

const dir = tempDir();
const home = join(dir.path, 'writ');
let nats: NatsServer;
let postgres: TestPostgres;
let service: RunningService;

const as = (name: string) =>
  connectBus({
    url: nats.url,
    seedFile: installPaths(home).natsSeed(name),
    inboxPrefix: `_INBOX.${name}`,
    name,
  });

const appendGenesis = async (): Promise<void> => {
  const bootstrap = await as('bootstrap');
  expect((await ensureStreams(bootstrap, { replicas: 1 })).kind).not.toBe('refused');
  await bootstrap.close();
  const [genesis = ''] = readFileSync(installPaths(home).bootstrapFile, 'utf8').split('\n');
  const registry = await as('registry');
  const ledger = createJetStreamLedger({ connection: registry });
  const subject = subjects.ledger('registry', 'acme');
  const messages = [{ id: 'genesis', bytes: Buffer.from(genesis) }];
  expect(await ledger.append({ subject, expected: 0, messages })).toMatchObject({ kind: 'stored' });
  const junk = [{ id: 'junk', bytes: Buffer.from('junk') }];
  expect(await ledger.append({ subject, expected: 'any', messages: junk })).toMatchObject({ kind: 'stored' });
  await ledger.close();
  await registry.close();
};

// The service is given the address only: no user and no password but those of its own roles.
const configWith = (adminUrl: string) => {
  const bare = new URL(adminUrl);
  bare.username = '';
  bare.password = '';
  return loadConfig({
    WRIT_HOME: home,
    WRIT_NATS_URL: nats.url,
    WRIT_DATABASE_URL: bare.toString(),
    WRIT_LOG_LEVEL: 'silent',
  });
};

beforeAll(async () => {
  const environments = [{ project: 'shop', environment: 'prod' }];
  expect(initInstallation({ home, org: 'acme', admin: 'dana', environments }).kind).toBe('installed');
  const paths = installPaths(home);
  nats = await startNatsServer({ storeDir: paths.natsStore, configFile: paths.natsConfig });
  postgres = await startTestPostgres();
  await appendGenesis();
  const adminUrl = await postgres.createDatabase('writ');
  await prepareDatabase(adminUrl, {
    credentials: databaseCredentials(secretFiles(installPaths(home)).database),
  });
  service = await startService('read-model', startReadModel, { config: configWith(adminUrl) });
});
afterAll(async () => {
  await service?.stop();
  await nats?.stop();
  await postgres?.stop();
  dir.remove();
});

const get = (path: string, token?: string) =>
  fetch(`http://127.0.0.1:${service.httpPort}${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });

it('reads the ledger as a reader of the bus and answers on its own port, beside health', async () => {
  const token = readPrivateFile(secretFiles(installPaths(home)).token);
  let head: { seq?: number } = {};
  for (let n = 0; n < 100 && head.seq !== 2; n += 1) {
    head = (await (await get('/v1/ledger/head', token)).json()) as typeof head;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(head).toMatchObject({ seq: 2, events: 1, junk: 1, void: 0 });
  expect((await get('/readyz')).status).toBe(200);
  expect((await get('/v1/ledger/head')).status).toBe(401);
  expect((await get('/')).status).toBe(200);
  expect((await get('/nothing')).status).toBe(404);
  expect(await (await get('/metrics')).text()).toContain('writ_projected_messages_total');
});

it('keeps its secrets to itself: files of mode 0600, and neither in what it answers', async () => {
  const files = secretFiles(installPaths(home));
  const token = readPrivateFile(files.token);
  const { projector, query } = JSON.parse(readPrivateFile(files.database));
  const answers = await Promise.all(
    ['/', '/v1/openapi.json', '/v1/agents', '/metrics', '/readyz'].map(async (path) =>
      (await get(path, token)).text(),
    ),
  );
  for (const secret of [token, projector, query]) expect(answers.join('\n')).not.toContain(secret);
});

it('says what to do when its database was not prepared, and prepares nothing itself', async () => {
  const config = configWith(await postgres.createDatabase('bare'));
  await expect(startService('read-model', startReadModel, { config })).rejects.toMatchObject({
    code: 'WRIT-PRJ-003',
    next: expect.stringContaining('writ prepare'),
  });
});
