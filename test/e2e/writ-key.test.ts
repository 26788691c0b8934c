// Keys as people handle them: two of three roots, rotation while the plane runs, an external signer, distrust backwards, a new registrar.
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringUp, type RunningPlane } from '@writ/cli';
import { generateKeyPair } from '@writ/crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const writ = join(root, 'libs/cli/bin/writ.js');
const folder = mkdtempSync(join(tmpdir(), 'writ-keys-'));
const home = join(folder, '.writ');
const offline = join(folder, 'offline');
const rootFile = (n: number): string => join(offline, `root-${n}.jwk`);
const keyFile = (name: string): string => join(home, 'keys', `${name}.jwk`);

type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

const type = (...argv: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, WRIT_HOME: home };
    execFile(process.execPath, [writ, ...argv], { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? 70), stdout, stderr }),
    );
  });

const json = async <T>(...argv: readonly string[]): Promise<T> => {
  const ran = await type(...argv, '--json');
  expect(ran, argv.join(' ')).toMatchObject({ status: 0 });
  return JSON.parse(ran.stdout) as T;
};

type Key = {
  readonly kid: string;
  readonly role: string;
  readonly holder: string;
  readonly standing: string;
  readonly certifiedAt: number;
  readonly distrustedFrom: number | null;
};
const keys = async (...argv: readonly string[]): Promise<readonly Key[]> =>
  (await json<{ keys: readonly Key[] }>('key', 'list', ...argv)).keys;

let plane: RunningPlane;
const ended: string[] = [];

/** Waits until each service is ready in another process than before. */
const startedAnew = async (before: ReadonlyMap<string, number>): Promise<void> => {
  await expect
    .poll(() => [...plane.supervisor.pids()].every(([name, pid]) => pid !== 0 && pid !== before.get(name)), {
      timeout: 20_000,
    })
    .toBe(true);
  await Promise.all([...before.keys()].map((name) => plane.supervisor.ready(name as 'registry')));
};

beforeAll(async () => {
  await json(
    'init',
    '--org',
    'acme',
    '--admin',
    'alice',
    '--env',
    'shop.prod',
    '--roots',
    '3',
    '--threshold',
    '2',
  );
  mkdirSync(offline);
  for (const n of [1, 2, 3]) renameSync(keyFile(`root-${n}`), rootFile(n));
  plane = await bringUp(home, {
    services: ['registry', 'decision'],
    onEvent: (event) => {
      if (event.kind === 'exited') ended.push(event.service);
    },
  });
}, 60_000);

afterAll(async () => {
  await plane?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe('an organisation of two of three roots', () => {
  it('is founded with its root keys off the machine, each in a private file', async () => {
    for (const n of [1, 2, 3]) expect(statSync(rootFile(n)).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(home, 'keys')).filter((name) => name.startsWith('root'))).toEqual([]);
    expect(JSON.parse(readFileSync(join(home, 'org.json'), 'utf8'))).toMatchObject({ threshold: 2 });
    expect((await keys('--role', 'root')).map(({ standing }) => standing)).toEqual(Array(3).fill('in force'));
    expect(await keys('--role', 'decision')).toMatchObject([{ holder: 'decision', standing: 'in force' }]);
  });
});

describe('rotation', () => {
  it('gives a running service a new key and retires the old one, whose file is gone', async () => {
    const [before] = await keys('--holder', 'decision');
    const pid = plane.supervisor.pids().get('decision');
    const done = await json<{ kid: string; takenUp: string; old: object }>(
      'key',
      'rotate',
      'decision',
      '--as',
      'alice',
    );
    expect(done).toMatchObject({ takenUp: 'restarted', old: { kid: before?.kid, retired: true } });
    expect(plane.supervisor.pids().get('decision')).not.toBe(pid);
    expect((await keys('--holder', 'decision')).map(({ standing }) => standing)).toEqual([
      'retired',
      'in force',
    ]);
    expect(JSON.parse(readFileSync(keyFile('decision'), 'utf8'))).toMatchObject({ kid: done.kid });
    expect(readdirSync(join(home, 'keys')).filter((name) => /\.(old|next)\./.test(name))).toEqual([]);
  });

  it('goes on where it was interrupted: the successor that stands there is taken', async () => {
    const prepared = join(folder, 'prepared.jwk');
    const { kid } = await json<{ kid: string }>('key', 'new', prepared);
    expect(statSync(prepared).mode & 0o777).toBe(0o600);
    renameSync(prepared, keyFile('decision.next'));
    const done = await json<{ kid: string }>('key', 'rotate', 'decision', '--as', 'alice');
    expect(done.kid).toBe(kid);
  });

  it('lets a person sign with a key that an external signer holds', async () => {
    const pair = generateKeyPair();
    const pem = join(folder, 'alice.pem');
    writeFileSync(pem, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    const file = join(folder, 'alice-hsm.jwk');
    const sample = join(root, 'docs/examples/signer/sample-signer.mjs');
    await json('key', 'new', file, '--x', pair.x, '--signer', process.execPath, sample, pem);
    const done = await json<{ kid: string; old: { retired: boolean } }>(
      'key',
      'rotate',
      'alice',
      '--as',
      'alice',
      '--key',
      file,
    );
    expect(done).toMatchObject({ kid: pair.kid, old: { retired: true } });
    expect(readFileSync(join(home, 'people/alice/person.jwk'), 'utf8')).not.toContain('"d"');
    // Her next command is signed there.
    await json('person', 'grant', 'alice', '--role', 'auditor@acme', '--as', 'alice');
    const { people } = await json<{ people: readonly { grants: readonly string[] }[] }>('person', 'list');
    expect(people[0]?.grants).toContain('auditor@acme');
  });

  it('refuses holders that are rotated otherwise, with what to do', async () => {
    const registry = await type('key', 'rotate', 'registry', '--as', 'alice');
    expect(registry).toMatchObject({ status: 1 });
    expect(registry.stderr).toContain('writ key appoint-registrar');
    expect(await type('key', 'rotate', 'nobody', '--as', 'alice')).toMatchObject({ status: 1 });
  });
});

describe('distrust from a position backwards', () => {
  it('ends every service that folded without it; each starts anew and knows it from the beginning', async () => {
    const [oldest] = (await keys('--holder', 'decision')).filter(({ standing }) => standing === 'retired');
    const before = new Map(plane.supervisor.pids());
    ended.length = 0;
    await json('key', 'distrust', oldest?.kid ?? '', '--from', '2', '--as', 'alice');
    await startedAnew(before);
    expect(new Set(ended)).toEqual(new Set(['registry', 'decision']));
    const log = readFileSync(join(home, 'run/decision.log'), 'utf8');
    expect(log).toContain('WRIT-RUN-007');
    expect((await keys('--holder', 'decision')).find(({ kid }) => kid === oldest?.kid)).toMatchObject({
      standing: 'distrusted',
      distrustedFrom: 2,
    });
    // It does not happen again: what is known from the beginning ends nobody.
    ended.length = 0;
    await json('person', 'revoke', 'alice', '--role', 'auditor@acme', '--as', 'alice');
    expect(ended).toEqual([]);
  });
});

describe('a registrar appointed by the roots', () => {
  const request = join(folder, 'request.json');

  it('takes two distinct roots: one, twice the same, or a forged one are not enough', async () => {
    const made = await json<{ kid: string; revokes: string; threshold: number }>(
      ...['key', 'appoint-registrar', '--out', request, '--reason', 'compromised'],
    );
    const [registrar] = await keys('--role', 'registrar');
    expect(made).toMatchObject({ revokes: registrar?.kid, threshold: 2 });
    const submit = () => type('key', 'appoint-registrar', '--submit', request);
    expect((await submit()).stderr).toContain('WRIT-KEY-022');
    for (const _ of [1, 2]) await json('key', 'endorse', request, '--root', rootFile(1));
    expect((await submit()).stderr).toContain('WRIT-KEY-022');
    const forged = join(folder, 'forged.jwk');
    await json('key', 'new', forged);
    await json('key', 'endorse', request, '--root', forged);
    expect((await submit()).stderr).toContain('WRIT-KEY-022');
    expect(existsSync(join(home, 'appointment.json'))).toBe(false);
  });

  it('is not what was endorsed when a word of it is changed', async () => {
    const whole = JSON.parse(readFileSync(request, 'utf8')) as { data: { reason: string } };
    await json('key', 'endorse', request, '--root', rootFile(3));
    const endorsed = readFileSync(request, 'utf8');
    writeFileSync(request, endorsed.replace(`"${whole.data.reason}"`, '"superseded"'));
    expect((await type('key', 'appoint-registrar', '--submit', request)).stderr).toContain('WRIT-KEY-022');
    writeFileSync(request, endorsed);
  });

  it('counts from its appointment on, and the plane goes on under it', async () => {
    const [old] = await keys('--role', 'registrar');
    const done = await json<{ kid: string; takenUp: string }>(
      'key',
      'appoint-registrar',
      '--submit',
      request,
    );
    expect(done.takenUp).toBe('restarted');
    const [first, second, ...more] = await keys('--role', 'registrar');
    expect(first).toMatchObject({ kid: old?.kid, standing: 'revoked' });
    expect(second).toMatchObject({ kid: done.kid, standing: 'in force' });
    expect(more).toEqual([]);
    const rotated = await json<{ takenUp: string }>('key', 'rotate', 'decision', '--as', 'alice');
    expect(rotated.takenUp).toBe('restarted');
  });

  it('submitted again changes nothing', async () => {
    const before = await json<{ registry: number }>('key', 'list');
    await json('key', 'appoint-registrar', '--submit', request);
    expect(await json<{ registry: number }>('key', 'list')).toMatchObject({ registry: before.registry });
  });
});

describe('a registrar whose key an external signer holds', () => {
  const request = join(folder, 'second.json');
  const counted = join(folder, 'signer-pids');

  it('records what it is asked for, also after its signer died', async () => {
    const pair = generateKeyPair();
    const pem = join(folder, 'registrar.pem');
    writeFileSync(pem, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    const sample = join(root, 'docs/examples/signer/sample-signer.mjs');
    const file = join(folder, 'registrar-hsm.jwk');
    // A shell that notes its process and becomes the signer.
    const command = ['/bin/sh', '-c', `echo $$ >> ${counted}; exec "$0" "$@"`, process.execPath, sample, pem];
    writeFileSync(file, JSON.stringify({ kid: pair.kid, x: pair.x, signer: command }), { mode: 0o600 });
    await json('key', 'appoint-registrar', '--out', request, '--key', file);
    for (const n of [2, 3]) await json('key', 'endorse', request, '--root', rootFile(n));
    expect(await json('key', 'appoint-registrar', '--submit', request)).toMatchObject({ kid: pair.kid });
    expect((await keys('--role', 'registrar', '--in-force')).map(({ kid }) => kid)).toEqual([pair.kid]);

    const pids = () => readFileSync(counted, 'utf8').trim().split('\n').map(Number);
    process.kill(pids().at(-1) ?? 0, 'SIGKILL');
    const before = pids().length;
    await json('person', 'grant', 'alice', '--role', 'auditor@acme.shop', '--as', 'alice');
    expect(pids().length).toBeGreaterThan(before);
    const { people } = await json<{ people: readonly { grants: readonly string[] }[] }>('person', 'list');
    expect(people[0]?.grants).toContain('auditor@acme.shop');
    expect(readFileSync(join(home, 'run/registry.log'), 'utf8')).not.toContain('payload');
  });
});

describe('help and exit codes', () => {
  it('explains itself, and says a code and the next step', async () => {
    const { stdout } = await type('key', '--help');
    for (const name of [
      'new',
      'rotate',
      'revoke',
      'retire',
      'distrust',
      'list',
      'show',
      'appoint-registrar',
      'endorse',
    ])
      expect(stdout).toContain(name);
    const none = await type('key', 'revoke', 'no-such-key', '--as', 'alice', '--json');
    expect(none.status).toBe(1);
    expect(JSON.parse(none.stdout)).toMatchObject({ ok: false, error: { code: 'WRIT-REG-002' } });
    expect(await type('key', 'revoke', 'x', '--reason', 'because')).toMatchObject({ status: 2 });
    const [rootKey] = await keys('--role', 'root');
    expect((await type('key', 'revoke', rootKey?.kid ?? '', '--as', 'alice')).stderr).toContain(
      'WRIT-KEY-020',
    );
  });
});
