// The sealer with witnesses of other operators, and its anchors: what is left when everything inside is in one hand.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type NoteKey, readNote, readVerifierKey, verifierKey, verifyNote } from '@writ/crypto';
import type { RunningService } from '@writ/runtime';

import { initWitness, startWitness, trustLog, type WitnessServer, witnessPaths } from '@writ/service-witness';
import { startTestPostgres, type TestPostgres, tempDir } from '@writ/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Ground, startGround, until } from '../../services/sealer/test/ground.js';

let postgres: TestPostgres;
let ground: Ground;
let sealer: RunningService | undefined;
let dir: ReturnType<typeof tempDir>;
const servers = new Map<string, WitnessServer>();
const others: Server[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  dir = tempDir();
  ground = await startGround(postgres);
  await ground.genesis();
});
afterEach(async () => {
  await sealer?.stop();
  sealer = undefined;
  await Promise.all([...servers.values()].map((server) => server.stop()));
  servers.clear();
  for (const server of others.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await ground.stop();
  dir.remove();
});

const pathsOf = (name: string) => witnessPaths(join(dir.path, name));
const keys = new Map<string, NoteKey>();

const makeWitness = (name: string): string => {
  const key = initWitness(pathsOf(name), `${name}.example/w`);
  trustLog(pathsOf(name), verifierKey(ground.key()));
  keys.set(name, readVerifierKey(key)!);
  return key;
};
const serve = async (name: string, port = 0): Promise<string> => {
  const server = await startWitness({ paths: pathsOf(name), port });
  servers.set(name, server);
  return `http://127.0.0.1:${server.port}`;
};
const halt = async (name: string): Promise<number> => {
  const server = servers.get(name)!;
  servers.delete(name);
  await server.stop();
  return server.port;
};

type Entry = { readonly key: string; readonly url: string; readonly operator: string };
const policy = (threshold: number, witnesses: readonly Entry[]): void =>
  writeFileSync(ground.paths.witnessesFile, JSON.stringify({ threshold, witnesses }), { mode: 0o600 });

const alarms = () => ground.logged.filter(({ event }) => event === 'witness').map(({ code }) => code);
const cosignedBy = (note: string, names: readonly string[]): readonly string[] => {
  const verdict = verifyNote(
    readNote(note)!,
    names.map((name) => keys.get(name)!),
  );
  return verdict.ok ? verdict.signers.map(({ key }) => key.name.split('.')[0]!).toSorted() : [];
};
const cosignedAt = (size: number): Promise<void> =>
  until(async () => ((await ground.reader.latestCosigned())?.size ?? 0) >= size);

describe('cosignatures', () => {
  it('of two operators are enough where two are asked for, also while the third is down, and sealing waits for none', async () => {
    const entries: Entry[] = [];
    for (const name of ['alpha', 'beta', 'gamma'])
      entries.push({ key: makeWitness(name), url: await serve(name), operator: name });
    const port = await halt('gamma');
    policy(2, entries);
    sealer = await ground.start();
    await cosignedAt(1);
    await ground.append(ground.decisionSubject, ['one', 'two']);
    await cosignedAt(3);
    const { cosigned, note } = (await ground.reader.latestCosigned())!;
    expect(cosignedBy(cosigned!, ['alpha', 'beta', 'gamma'])).toEqual(['alpha', 'beta']);
    expect(cosigned!.startsWith(note)).toBe(true);
    await until(async () => (await ground.published()).some((one) => one.note === cosigned));
    expect(alarms()).toContain('WRIT-SEA-023');
    await serve('gamma', port);
    await ground.append(ground.decisionSubject, ['three']);
    await until(async () => {
      const latest = await ground.reader.latestCosigned();
      return (
        latest?.cosigned != null &&
        latest.size === 4 &&
        cosignedBy(latest.cosigned, ['alpha', 'beta', 'gamma']).length === 3
      );
    });
    expect((await fetch(`http://127.0.0.1:${sealer.httpPort}/readyz`)).status).toBe(200);
  }, 60_000);

  it('of one operator twice do not count as two, and a policy that can never be met is refused', async () => {
    const entries = [];
    for (const name of ['alpha', 'beta'])
      entries.push({ key: makeWitness(name), url: await serve(name), operator: 'the same' });
    policy(2, entries);
    await expect(ground.start()).rejects.toMatchObject({ code: 'WRIT-CFG-002' });
    policy(1, entries);
    sealer = await ground.start();
    await cosignedAt(1);
  });

  it('go on after a new start of the sealer: the witness tells its size, the proof begins there', async () => {
    policy(1, [{ key: makeWitness('alpha'), url: await serve('alpha'), operator: 'alpha' }]);
    sealer = await ground.start();
    await cosignedAt(1);
    await sealer.stop();
    await ground.append(ground.decisionSubject, ['one', 'two', 'three']);
    sealer = await ground.start();
    await cosignedAt(4);
    expect(alarms()).toEqual([]);
  });

  it('show a rewrite that the sealer agreed to: its whole memory is gone, only the witness remembers', async () => {
    policy(1, [{ key: makeWitness('alpha'), url: await serve('alpha'), operator: 'alpha' }]);
    await ground.append(ground.decisionSubject, ['what really happened']);
    sealer = await ground.start();
    await cosignedAt(2);
    await sealer.stop();
    // Everything that the operator holds is replaced: ledger, checkpoints, database, file. The key is the true one.
    await ground.replaceLedger();
    await ground.genesis();
    await ground.append(ground.decisionSubject, ['another story', 'and more']);
    await ground.pool.query('drop schema sealer cascade');
    await ground.prepare();
    rmSync(join(ground.paths.sealerDir, 'checkpoint.txt'));
    sealer = await ground.start();
    await ground.sealedUpTo(3);
    await until(() => alarms().includes('WRIT-SEA-020'));
    const ready = await fetch(`http://127.0.0.1:${sealer.httpPort}/readyz`);
    expect(((await ready.json()) as { checks: object }).checks).toMatchObject({
      undisputed: false,
      sealing: true,
    });
    expect(await ground.reader.latestCosigned()).toBeUndefined();
  });

  it('show a ledger that was rolled back to less than they have seen', async () => {
    policy(1, [{ key: makeWitness('alpha'), url: await serve('alpha'), operator: 'alpha' }]);
    await ground.append(ground.decisionSubject, ['one', 'two']);
    sealer = await ground.start();
    await cosignedAt(3);
    await sealer.stop();
    await ground.replaceLedger();
    await ground.genesis();
    await ground.pool.query('drop schema sealer cascade');
    await ground.prepare();
    rmSync(join(ground.paths.sealerDir, 'checkpoint.txt'));
    sealer = await ground.start();
    await until(() => alarms().includes('WRIT-SEA-021'));
  });

  it('that are none are not taken: an answer that does not verify, or a witness that does not know us', async () => {
    const liar = createServer((_, response) => response.end('— alpha.example/w AAAAAAAA\n'));
    others.push(liar);
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const beta = initWitness(pathsOf('beta'), 'beta.example/w');
    const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    policy(1, [
      { key: makeWitness('alpha'), url, operator: 'alpha' },
      { key: beta, url: await serve('beta'), operator: 'beta' },
    ]);
    sealer = await ground.start();
    await until(() => alarms().includes('WRIT-SEA-024') && alarms().includes('WRIT-SEA-022'));
    expect(await ground.reader.latestCosigned()).toBeUndefined();
    expect((await fetch(`http://127.0.0.1:${sealer.httpPort}/readyz`)).status).toBe(200);
  });
});

it('checkpoints are anchored in a file, an object store and a command; a failing one is tried again, and no secret is logged', async () => {
  const puts: { url: string; token: string | undefined; body: string }[] = [];
  const store = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      puts.push({ url: request.url ?? '', token: request.headers.authorization, body });
      response.writeHead(puts.length === 1 ? 500 : 200).end();
    });
  });
  others.push(store);
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  const headersFile = join(dir.path, 'headers.json');
  writeFileSync(headersFile, '{"authorization":"Bearer planted-secret"}', { mode: 0o600 });
  mkdirSync(join(dir.path, 'out'));
  const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}/bucket/{size}.txt?X-Signature=planted-secret`;
  const anchors = [
    { name: 'worm', kind: 'file', path: join(dir.path, 'out', '{size}.txt') },
    { name: 'bucket', kind: 'put', url, headersFile },
    {
      name: 'printer',
      kind: 'command',
      argv: [process.execPath, '-e', PRINTER, join(dir.path, 'printed.txt')],
    },
    { name: 'broken', kind: 'command', argv: ['/nowhere/planted-secret'] },
  ];
  writeFileSync(ground.paths.anchorsFile, JSON.stringify({ anchors }), { mode: 0o600 });
  sealer = await ground.start();
  await ground.sealedUpTo(1);
  const { note } = (await ground.reader.latest())!;
  const printed = join(dir.path, 'printed.txt');
  await until(() => puts.length >= 2 && existsSync(printed) && readdirSync(join(dir.path, 'out')).length > 0);
  expect(readFileSync(join(dir.path, 'out', '1.txt'), 'utf8')).toBe(note);
  expect(readFileSync(printed, 'utf8')).toBe(note);
  expect(puts[1]).toMatchObject({ token: 'Bearer planted-secret', body: note });
  expect(puts[1]?.url).toMatch(/^\/bucket\/1\.txt/);
  await until(() => ground.logged.some(({ event }) => event === 'anchor.failed'));
  expect(JSON.stringify(ground.logged)).not.toContain('planted-secret');
});

const PRINTER =
  "const fs=require('fs');const f=process.argv[1];fs.writeFileSync(f+'.new',fs.readFileSync(0));fs.renameSync(f+'.new',f)";
