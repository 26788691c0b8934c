// Founding an installation: files, modes, frames, keys.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
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
  certificateFor,
  initInstallation,
  readPrivateFile,
  readRoster,
  uuidv7,
  verifyPossession,
} from '../src/index.js';
import { BOT, files, installed } from './installed.js';
import { tempDir } from './temp-dir.js';

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
    'sealer',
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

test('the root commands behind it follow on each other and certify six services, the admin, and the environments', () => {
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
    ...Array.from({ length: 6 }, () => 'certify-key'),
    'add-person',
    'create-project',
    'create-environment',
    'create-environment',
  ]);
  const certificates = actions.flatMap((action) => ('key' in action ? [action.key] : []));
  const holders = [
    'decision',
    'approval',
    'receipt-ledger',
    'anomaly-detector',
    'kill-switch',
    'sealer',
    'dana',
  ];
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
