// What a service in a container of its own gets to see: what it needs, and nothing of anybody else's.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Services } from '@writ/contracts';
import {
  eraserFileBeside,
  initInstallation,
  installPaths,
  sealPasswordFiles,
  writePrivateFile,
} from '@writ/runtime';
import { apiToken, databaseCredentials, secretFiles } from '@writ/service-read-model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layOutServers } from '../src/plane/server-files.js';
import { layOutServices } from '../src/plane/service-files.js';

const root = mkdtempSync(join(tmpdir(), 'writ-test-'));
const paths = installPaths(join(root, 'home'));
const out = join(root, 'out');
const services = new URL('../../../services/', import.meta.url);

beforeAll(() => {
  const environments = [{ project: 'shop', environment: 'prod' }];
  expect(initInstallation({ home: paths.root, org: 'acme', admin: 'alice', environments }).kind).toBe(
    'installed',
  );
  writePrivateFile(paths.vaultCredentialsFile, '{"writer":"w","reader":"r"}');
  writePrivateFile(eraserFileBeside(paths.vaultCredentialsFile), '{"eraser":"e"}');
  databaseCredentials(secretFiles(paths).database);
  apiToken(secretFiles(paths).token);
  for (const file of Object.values(sealPasswordFiles(paths))) writePrivateFile(file, `password of ${file}`);
  layOutServices(out, paths, { 'read-model': { databaseUrl: 'postgres://x' } });
  layOutServers(out, paths);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const filesIn = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );

const contentsOf = (dir: string): string =>
  filesIn(dir)
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .join('\n');

test('no service and no server sees the root key, the bootstrap seed, or the key of a person', () => {
  const secrets = [paths.keyFile('root'), paths.personKey('alice')].map(
    (file) => (JSON.parse(readFileSync(file, 'utf8')) as { d: string }).d,
  );
  const seeds = [paths.natsSeed('bootstrap'), paths.personSeed('alice')].map((file) =>
    readFileSync(file, 'utf8').trim(),
  );
  const laid = contentsOf(out);
  for (const secret of [...secrets, ...seeds]) {
    expect(secret.length).toBeGreaterThan(20);
    expect(laid).not.toContain(secret);
  }
});

test('a service sees its own event key and bus seed, and no other service can', () => {
  for (const service of Services) {
    const seed = readFileSync(paths.natsSeed(service), 'utf8').trim();
    const holders = Services.filter((other) => contentsOf(join(out, other)).includes(seed));
    expect(holders).toEqual([service]);
    const keys = filesIn(join(out, service)).filter((name) => name.endsWith('.jwk'));
    expect(keys).toEqual(service === 'read-model' ? [] : [join('keys', `${service}.jwk`)]);
  }
});

test('the vault is opened to exactly the services that use it, the read model to itself', () => {
  const uses = (service: string, opening: string) => {
    const src = new URL(`${service}/src/`, services);
    return readdirSync(src).some(
      (name) => name.endsWith('.ts') && readFileSync(new URL(name, src), 'utf8').includes(opening),
    );
  };
  for (const service of Services) {
    const [keeps, erases] = [uses(service, 'openVault('), uses(service, 'openEraser(')];
    expect(existsSync(join(out, service, 'keys', 'vault.kek'))).toBe(keeps || erases);
    expect(existsSync(join(out, service, 'keys', 'vault-credentials.json'))).toBe(keeps);
    expect(existsSync(join(out, service, 'keys', 'vault-eraser.json'))).toBe(erases);
    expect(keeps && erases).toBe(false);
    expect(existsSync(join(out, service, 'keys', 'read-model-credentials.json'))).toBe(
      service === 'read-model',
    );
    expect(existsSync(join(out, service, 'bootstrap.ndjson'))).toBe(service === 'registry');
  }
});

test('only the sealer may write its state in Postgres, and the read model may read it', () => {
  const { writer, reader } = sealPasswordFiles(paths);
  const holders = (file: string) =>
    Services.filter((service) => contentsOf(join(out, service)).includes(`password of ${file}`));
  expect(holders(writer)).toEqual(['sealer']);
  expect(holders(reader)).toEqual(['read-model']);
});

test('what the sealer keeps in its own folder stays when secrets are laid out again', () => {
  const note = join(out, 'sealer', 'sealer', 'checkpoint.txt');
  writeFileSync(note, 'x', { mode: 0o600 });
  layOutServices(out, paths);
  expect(existsSync(note)).toBe(true);
});

test('what a service knew of the ledger stays too, and the registry alone is given a decision to go on with another', () => {
  const mark = join(out, 'decision', 'known', 'decision.json');
  writeFileSync(mark, '{}', { mode: 0o600 });
  writeFileSync(paths.adoptionFile, 'signed', { mode: 0o600 });
  layOutServices(out, paths);
  expect(existsSync(mark)).toBe(true);
  expect(existsSync(join(out, 'registry', 'adoption.message'))).toBe(true);
  expect(existsSync(join(out, 'decision', 'adoption.message'))).toBe(false);
});

test('files of a service are for its owner alone, and what does not belong there goes away', () => {
  const stray = join(out, 'decision', 'keys', 'root.jwk');
  writeFileSync(stray, 'x');
  writeFileSync(join(out, 'decision', 'run', 'decision.json'), '{}');
  layOutServices(out, paths);
  expect(existsSync(stray)).toBe(false);
  expect(existsSync(join(out, 'decision', 'run', 'decision.json'))).toBe(true);
  expect(existsSync(join(out, 'read-model', 'config.json'))).toBe(false);
  for (const service of Services) {
    for (const name of filesIn(join(out, service)).filter((one) => !one.startsWith('run')))
      expect(statSync(join(out, service, name)).mode & 0o077).toBe(0);
  }
});

test('NATS gets its settings and public keys, Postgres one password, the same each time', () => {
  const password = readFileSync(join(out, 'postgres', 'password'), 'utf8');
  layOutServers(out, paths);
  expect(readFileSync(join(out, 'postgres', 'password'), 'utf8')).toBe(password);
  expect(filesIn(join(out, 'nats')).toSorted()).toEqual(['permissions.conf', 'server.conf']);
  const config = contentsOf(join(out, 'nats'));
  expect(config).toMatch(/host: "0\.0\.0\.0"/);
  expect(config).toMatch(/sync_interval: always/);
  expect(config).not.toMatch(/\bSU[A-Z2-7]{20,}/);
});
