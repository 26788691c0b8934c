// The witness over HTTP: every status of C2SP tlog-witness, what it keeps, and that it can be raced and killed.
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  generateKeyPair,
  hashText,
  leafHash,
  readCheckpoint,
  readNote,
  readSignatureLine,
  readVerifierKey,
  signatureLine,
  verifyNote,
} from '@writ/crypto';
import { tempDir } from '@writ/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  initWitness,
  startWitness,
  trustLog,
  type WitnessServer,
  witnessKey,
  witnessPaths,
} from '../src/index.js';
import { openMemory } from '../src/memory.js';
import { startLog, type TestLog } from './log.js';

const writ = fileURLToPath(new URL('../../../libs/cli/bin/writ.js', import.meta.url));
let dir: ReturnType<typeof tempDir>;
let log: TestLog;
let server: WitnessServer | undefined;
const children: ChildProcess[] = [];

const paths = () => witnessPaths(dir.path);
const stateFile = (): string => join(paths().state, readdirSync(paths().state)[0] ?? '');
const claims = (): readonly string[] => readdirSync(dir.path).filter((name) => name.startsWith('lock.'));
const serve = async (): Promise<string> => {
  server = await startWitness({ paths: paths() });
  return `http://127.0.0.1:${server.port}`;
};

beforeEach(() => {
  dir = tempDir();
  log = startLog('example.com/behind-the-sofa');
  initWitness(paths(), 'witness.example/w1');
  trustLog(paths(), log.key);
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  for (const child of children.splice(0)) child.kill('SIGKILL');
  dir.remove();
});

const post = async (url: string, body: string) => {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: await response.text() };
};
const statusOf = async (url: string, body: string): Promise<number> => (await post(url, body)).status;

const keyOfWitness = () => readVerifierKey(witnessKey(paths()))!;
const cosigned = (size: number, answer: string): boolean => {
  const lines = answer.trimEnd().split('\n').map(readSignatureLine);
  if (lines.includes(undefined)) return false;
  const verdict = verifyNote({ text: log.textOf(size), signatures: lines as never }, [keyOfWitness()]);
  return verdict.ok && verdict.signers.length === lines.length;
};
const latest = async (url: string) => {
  const response = await fetch(`${url}/checkpoint?origin=${encodeURIComponent(log.origin)}`);
  const note = response.status === 200 ? readNote(await response.text()) : undefined;
  return { status: response.status, note, size: note && readCheckpoint(note.text)?.size };
};

describe('add-checkpoint', () => {
  it('cosigns a first checkpoint, and one that continues it, with lines that a note verifier takes', async () => {
    const url = await serve();
    const first = await post(url, await log.request(0, 10));
    expect(first.status).toBe(200);
    expect(first.body).toMatch(/^— witness\.example\/w1 [A-Za-z0-9+/=]+\n$/);
    expect(cosigned(10, first.body)).toBe(true);
    const second = await post(url, await log.request(10, 33));
    expect([second.status, cosigned(33, second.body), cosigned(10, second.body)]).toEqual([200, true, false]);
  });

  it('takes a body exactly as the specification shows it: further signatures, of keys that it does not know, included', async () => {
    const url = await serve();
    expect(await statusOf(url, await log.request(0, 5))).toBe(200);
    const stranger = log.note(20, log.root(20), generateKeyPair()).split('\n').at(-2);
    const own = log.note(20);
    expect(await statusOf(url, `old 5\n${await log.proof(5, 20)}\n${own}${stranger}\n`)).toBe(200);
  });

  it('tells the size that it knows with 409, and takes the checkpoint when the proof begins there', async () => {
    const url = await serve();
    await post(url, await log.request(0, 10));
    const conflict = await post(url, await log.request(0, 20));
    expect(conflict).toEqual({ status: 409, type: 'text/x.tlog.size', body: '10\n' });
    expect((await post(url, await log.request(11, 20))).body).toBe('10\n');
    expect(await statusOf(url, await log.request(10, 20))).toBe(200);
  });

  it('cosigns the same checkpoint again, and another of the same size never: 409', async () => {
    const url = await serve();
    await post(url, await log.request(0, 10));
    expect(await statusOf(url, await log.request(10, 10))).toBe(200);
    const fork = log.note(10, leafHash('another root'));
    expect(await post(url, `old 10\n\n${fork}`)).toEqual({
      status: 409,
      type: 'text/x.tlog.size',
      body: '10\n',
    });
    expect((await latest(url)).note?.text).toBe(log.textOf(10));
  });

  it('takes one text of a size: the same root beside another line is answered 409 and not cosigned', async () => {
    const url = await serve();
    const heads = (word: string) => log.textOf(10, log.root(10), [`heads ${hashText(leafHash(word))}`]);
    expect(await statusOf(url, `old 0\n\n${log.signed(heads('all'))}`)).toBe(200);
    expect(await post(url, `old 10\n\n${log.signed(heads('one left out'))}`)).toEqual({
      status: 409,
      type: 'text/x.tlog.size',
      body: '10\n',
    });
    expect(await statusOf(url, `old 10\n\n${log.signed(heads('all'))}`)).toBe(200);
    expect((await latest(url)).note?.text).toBe(heads('all'));
  });

  it('answers 422 to a proof that does not hold, or from nothing and not empty, and forgets nothing', async () => {
    const url = await serve();
    expect(await statusOf(url, `old 0\n${hashText(leafHash('x'))}\n\n${log.note(20)}`)).toBe(422);
    await post(url, await log.request(0, 10));
    const fork = log.note(20, leafHash('another history'));
    expect(await statusOf(url, `old 10\n${await log.proof(10, 20)}\n${fork}`)).toBe(422);
    expect(await statusOf(url, `old 10\n\n${log.note(20)}`)).toBe(422);
    expect((await latest(url)).size).toBe(10);
  });

  it('answers 404 to an origin that it does not know, 403 to a checkpoint that no known key signed', async () => {
    const url = await serve();
    const other = startLog('example.com/other');
    expect(await statusOf(url, await other.request(0, 10))).toBe(404);
    expect(await statusOf(url, `old 0\n\n${log.note(10, log.root(10), other.pair)}`)).toBe(403);
    expect((await latest(url)).status).toBe(404);
  });

  it('answers 403 when a known key is named and its signature does not hold', async () => {
    const url = await serve();
    const note = log.note(10);
    const line = readSignatureLine(note.split('\n').at(-2) ?? '')!;
    line.signature.set([line.signature[10]! ^ 1], 10);
    const forged = `${log.textOf(10)}\n${signatureLine(line)}`;
    expect(await statusOf(url, `old 0\n\n${forged}`)).toBe(403);
  });

  it('answers 400 to anything else: no request, an old size that is larger, spelled otherwise, or too much proof', async () => {
    const url = await serve();
    const hash = hashText(leafHash('x'));
    const bodies = [
      '',
      'old 0\n',
      `old 0\n${log.note(10)}`,
      `old 00\n\n${log.note(10)}`,
      `old -1\n\n${log.note(10)}`,
      `old 1e1\n\n${log.note(10)}`,
      `old 0 \n\n${log.note(10)}`,
      `old 0\r\n\r\n${log.note(10)}`,
      `old 0\n${hash.slice(1)}\n\n${log.note(10)}`,
      `old 0\n${`${hash}\n`.repeat(64)}\n${log.note(10)}`,
      `old 11\n\n${log.note(10)}`,
      `old 0\n\n${log.note(10).replace('\n10\n', '\n010\n')}`,
      `old 0\n\n${log.textOf(10)}`,
    ];
    for (const body of bodies) expect([body, await statusOf(url, body)]).toEqual([body, 400]);
  });

  it('takes no more than 72 KiB, no other method, and no other path', async () => {
    const url = await serve();
    const huge = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: 'x'.repeat(200_000) }).catch(
      () => undefined,
    );
    expect(huge?.status ?? 413).toBe(413);
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${url}/add-checkpoint/x`, { method: 'POST', body: '' })).status).toBe(404);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('what it keeps', () => {
  it('of two requests at once one is cosigned, and the later look sees what the first one left', async () => {
    const url = await serve();
    await post(url, await log.request(0, 10));
    const bodies = await Promise.all(Array.from({ length: 30 }, (_, n) => log.request(10, 11 + n)));
    const answers = await Promise.all(bodies.map((body) => post(url, body)));
    const won = answers.flatMap(({ status }, n) => (status === 200 ? [11 + n] : []));
    expect(won).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      expect([status, body]).toEqual([409, `${won[0]}\n`]);
    expect((await latest(url)).size).toBe(won[0]);
  });

  it('a crash between the write and the answer costs a try: the log learns the size and gets its cosignature', async () => {
    const note = log.note(10);
    openMemory(paths().state, [log.origin]).keep(log.origin, {
      checkpoint: readCheckpoint(log.textOf(10))!,
      text: log.textOf(10),
      note,
    });
    const url = await serve();
    expect((await post(url, await log.request(0, 10))).body).toBe('10\n');
    const again = await post(url, await log.request(10, 10));
    expect([again.status, cosigned(10, again.body)]).toEqual([200, true]);
    expect(await statusOf(url, `old 0\n\n${log.note(10, leafHash('another'))}`)).toBe(409);
  });

  it('monitors get the latest checkpoint with its cosignature, after a new start too', async () => {
    let url = await serve();
    await post(url, await log.request(0, 10));
    await server?.stop();
    url = await serve();
    const { note } = await latest(url);
    expect(note?.text).toBe(log.textOf(10));
    const verdict = verifyNote(note!, [keyOfWitness(), readVerifierKey(log.key)!]);
    expect(verdict.ok && verdict.signers.map(({ key }) => key.kind)).toEqual(['log', 'witness']);
  });

  it('monitors get verified signatures only, each once: no lines of others make the note unreadable', async () => {
    const url = await serve();
    const own = readSignatureLine(log.note(10).split('\n').at(-2) ?? '')!;
    const strange = Array.from({ length: 62 }, (_, n) =>
      signatureLine({ name: n % 2 ? log.origin : `other${n}`, id: n, signature: Buffer.from('x') }),
    ).join('');
    const body = `${log.textOf(10)}\n${strange}${signatureLine(own)}${signatureLine(own)}`;
    expect(await statusOf(url, `old 0\n\n${body}`)).toBe(200);
    for (const again of [log.note(10), body]) {
      const { note } = await latest(url);
      const verdict = verifyNote(note!, [keyOfWitness(), readVerifierKey(log.key)!]);
      expect(verdict.ok && verdict.signers.map(({ key }) => key.kind)).toEqual(['log', 'witness']);
      expect(note?.signatures).toHaveLength(2);
      expect(await statusOf(url, `old 10\n\n${again}`)).toBe(200);
    }
    expect(readNote(readFileSync(stateFile(), 'utf8'))?.signatures).toHaveLength(1);
  });

  it('the same checkpoint again is cosigned anew and costs no write', async () => {
    const url = await serve();
    await post(url, await log.request(0, 10));
    const before = statSync(stateFile(), { bigint: true });
    const again = await post(url, await log.request(10, 10));
    expect([again.status, cosigned(10, again.body)]).toEqual([200, true]);
    const after = statSync(stateFile(), { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
  });

  it('its key is its own, mode 0600, and so is what it remembers; two processes on one folder refuse', async () => {
    const url = await serve();
    await post(url, await log.request(0, 10));
    for (const file of [paths().key, stateFile()]) expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(startWitness({ paths: paths() })).rejects.toMatchObject({ code: 'WRIT-WIT-002' });
    await expect(startOther()).rejects.toThrow(/WRIT-WIT-002/);
    chmodSync(paths().key, 0o644);
    await server?.stop();
    await expect(startWitness({ paths: paths() })).rejects.toMatchObject({ code: 'WRIT-CFG-003' });
    chmodSync(paths().key, 0o600);
  });

  it('cosigns nothing when someone else has written what it remembers, or it cannot be read', async () => {
    const url = await serve();
    await post(url, await log.request(0, 10));
    const file = stateFile();
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, log.note(30));
    const answer = await post(url, await log.request(10, 20));
    expect([answer.status, answer.body]).toEqual([500, 'nothing was cosigned\n']);
    expect(readFileSync(file, 'utf8')).not.toBe(before);
    await server?.stop();
    writeFileSync(file, 'x');
    await expect(startWitness({ paths: paths() })).rejects.toThrow(/WRIT-WIT-003/);
    server = undefined;
  });
});

const startOther = async (): Promise<never> => {
  const child = spawnWitness();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  throw new Error(said);
};

const spawnWitness = (): ChildProcess => {
  const child = fork(writ, ['witness', '--home', dir.path, '--listen', '127.0.0.1:0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: { PATH: process.env['PATH'] },
  });
  children.push(child);
  return child;
};

const urlOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const url = /"url": "([^"]+)"/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error('the witness ended')));
  });

it('killed at any moment it never cosigns two histories, and never goes back', async () => {
  let size = 0;
  const seen: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const child = spawnWitness();
    const url = await urlOf(child);
    const known = Number((await post(url, `old 63\n\n${log.note(64)}`)).body);
    expect(known).toBeGreaterThanOrEqual(size);
    size = known;
    const killing = setTimeout(() => child.kill('SIGKILL'), 40 + 40 * n);
    for (let next = size + 1; next < 60; next += 1) {
      const answer = await post(url, await log.request(size, next)).catch(() => undefined);
      if (answer === undefined) break;
      expect([answer.status, cosigned(next, answer.body)]).toEqual([200, true]);
      size = next;
      seen.push(next);
    }
    child.kill('SIGKILL');
    clearTimeout(killing);
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((done) => child.once('exit', done));
  }
  expect(seen).toEqual([...new Set(seen)]);
  expect(claims()).toHaveLength(1);
  const url = await serve();
  expect((await latest(url)).size).toBeGreaterThanOrEqual(size);
});
