// Keys that another process holds: the sample signer as a real process, and signers that misbehave. Fail closed, and no secret in sight.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  commandEnv,
  createExternalSigner,
  generateKeyPair,
  importPublic,
  openFrame,
  readKeyFile,
  readSigningKey,
  type Signer,
  SignerError,
  signFrame,
  signFrameAsync,
  signFrameWith,
  writeExternalKeyFile,
} from '../src/index.js';

const SAMPLE = join(import.meta.dirname, '../../../docs/examples/signer/sample-signer.mjs');
const HOSTILE = join(import.meta.dirname, 'signer/hostile-signer.mjs');
const TYPE = 'application/vnd.writ.event+json';
const folder = mkdtempSync(join(tmpdir(), 'writ-signer-'));
const pair = generateKeyPair();
const document = { kid: pair.kid, n: 1 };
const pem = join(folder, 'key.pem');
writeFileSync(pem, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });

const open: Signer[] = [];
const signerOf = (command: readonly string[], timeoutMs = 2_000): Signer => {
  const signer = createExternalSigner({ kid: pair.kid, x: pair.x, signer: command, timeoutMs });
  open.push(signer);
  return signer;
};
let files = 0;
const hostile = (manner: string, timeoutMs?: number) => {
  const count = join(folder, `count-${files++}`);
  writeFileSync(count, '');
  const signer = signerOf([process.execPath, HOSTILE, manner, count], timeoutMs);
  return { signer, starts: () => readFileSync(count, 'utf8').length };
};
const failure = async (signer: Signer): Promise<SignerError> => {
  const outcome = await signFrameAsync(TYPE, document, signer).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(SignerError);
  return outcome as SignerError;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((signer) => signer.close?.()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a key that a signer holds', () => {
  const sample = () => signerOf([process.execPath, SAMPLE, pem]);

  it('signs the same frame as the key itself, one or many at a time', async () => {
    const signer = sample();
    expect(await signFrameAsync(TYPE, document, signer)).toEqual(signFrame(TYPE, document, pair));
    const many = Array.from({ length: 50 }, (_, n) => ({ kid: pair.kid, n }));
    const frames = await Promise.all(many.map((one) => signFrameWith(TYPE, one, signer)));
    expect(frames).toEqual(many.map((one) => signFrame(TYPE, one, pair)));
    expect(openFrame(frames[0] as Uint8Array, TYPE, importPublic(pair.x)).ok).toBe(true);
  });

  it('may refuse what is no document of Writ', async () => {
    await expect(sample().sign(Buffer.from('any bytes'))).rejects.toMatchObject({ code: 'WRIT-KEY-012' });
  });

  it('goes on after it was closed', async () => {
    const signer = sample();
    await signFrameAsync(TYPE, document, signer);
    await signer.close?.();
    expect(await signFrameAsync(TYPE, document, signer)).toEqual(signFrame(TYPE, document, pair));
  });

  it('does not keep a process alive that has nothing to wait for', () => {
    const file = join(folder, 'alive.jwk');
    writeExternalKeyFile(file, { kid: pair.kid, x: pair.x, signer: [process.execPath, SAMPLE, pem] });
    const crypto = join(import.meta.dirname, '../dist/index.js');
    const script = `import { readSigningKey, signFrameAsync } from ${JSON.stringify(crypto)};
      const key = readSigningKey(${JSON.stringify(file)});
      console.log((await signFrameAsync('${TYPE}', { kid: key.kid }, key)).length);`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 10_000 });
    expect(Number(said.toString())).toBeGreaterThan(157);
  });
});

describe('a signer that misbehaves signs nothing', () => {
  it.each([
    ['garbage', 'WRIT-KEY-010'],
    ['too-long', 'WRIT-KEY-010'],
    ['dies', 'WRIT-KEY-010'],
    ['dies-at-once', 'WRIT-KEY-010'],
    ['another-signature', 'WRIT-KEY-013'],
    ['no-signature', 'WRIT-KEY-013'],
    ['refuses', 'WRIT-KEY-012'],
  ])('%s: %s', async (manner, code) => {
    const { code: given, message } = await failure(hostile(manner).signer);
    expect(given).toBe(code);
    expect(message).not.toContain('secret words');
  });

  it('hangs: killed in time, and started anew for the next', async () => {
    const { signer, starts } = hostile('hangs', 1_000);
    const begun = performance.now();
    expect((await failure(signer)).code).toBe('WRIT-KEY-011');
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect((await failure(signer)).code).toBe('WRIT-KEY-011');
    expect(starts()).toBe(2);
  });

  it('dies once: it is asked once more, of a new process', async () => {
    const { signer, starts } = hostile('dies-first-time');
    expect((await failure(signer)).code).toBe('WRIT-KEY-012');
    expect(starts()).toBe(2);
  });

  it('is not there', async () => {
    expect((await failure(signerOf([join(folder, 'nobody')]))).code).toBe('WRIT-KEY-010');
  });

  it('holds another key: its signatures are not of this one', async () => {
    const other = generateKeyPair();
    const signer = createExternalSigner({
      kid: other.kid,
      x: other.x,
      signer: [process.execPath, SAMPLE, pem],
    });
    open.push(signer);
    await expect(signFrameAsync(TYPE, { kid: other.kid }, signer)).rejects.toMatchObject({
      code: 'WRIT-KEY-012',
    });
  });
});

describe('the file of such a key', () => {
  const file = join(folder, 'external.jwk');
  const key = { kid: pair.kid, x: pair.x, signer: [process.execPath, SAMPLE, pem] };

  it('is written with mode 0600, never over another, and read as a signer', async () => {
    writeExternalKeyFile(file, key);
    expect(() => writeExternalKeyFile(file, key)).toThrow(expect.objectContaining({ code: 'WRIT-KEY-002' }));
    const signer = readSigningKey(file) as Signer;
    open.push(signer);
    expect(await signFrameAsync(TYPE, document, signer)).toEqual(signFrame(TYPE, document, pair));
  });

  it('is refused where a private key is needed, and when others may choose what it runs', () => {
    expect(() => readKeyFile(file)).toThrow(expect.objectContaining({ code: 'WRIT-KEY-014' }));
    chmodSync(file, 0o660);
    expect(() => readSigningKey(file)).toThrow(expect.objectContaining({ code: 'WRIT-CFG-003' }));
  });

  it.each([
    ['another kid', { kid: generateKeyPair().kid }],
    ['no command', { signer: [] }],
    ['a command line instead of a command', { signer: 'sign --slot 7' }],
    ['a private half as well', { d: 'A'.repeat(43) }],
  ])('is refused with %s', (_, over) => {
    const wrong = join(folder, `wrong-${files++}.jwk`);
    writeFileSync(wrong, JSON.stringify({ ...key, ...over }), { mode: 0o600 });
    expect(() => readSigningKey(wrong)).toThrow(expect.objectContaining({ code: 'WRIT-KEY-001' }));
  });
});

describe('what an external command gets of the environment', () => {
  it('is PATH and HOME, and no credentials', () => {
    const env = { PATH: '/bin', HOME: '/home/a', NATS_PASSWORD: 'secret', NODE_OPTIONS: '--inspect' };
    expect(commandEnv(env)).toEqual({ PATH: '/bin', HOME: '/home/a' });
    expect(commandEnv({})).toEqual({});
  });

  it('holds for a signer that runs', async () => {
    process.env['WRIT_TEST_SECRET'] = 'secret';
    const seen = join(folder, 'seen-by-signer');
    const shell = ['/bin/sh', '-c', `env > ${seen}; exec "$0" "$@"`, process.execPath, SAMPLE, pem];
    await signFrameAsync(TYPE, document, signerOf(shell));
    delete process.env['WRIT_TEST_SECRET'];
    const names = readFileSync(seen, 'utf8')
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names).toContain('PATH');
    expect(names).not.toContain('WRIT_TEST_SECRET');
  });
});
