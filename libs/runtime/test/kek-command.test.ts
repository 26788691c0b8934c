// A key-encryption key behind a command: what it wraps only it unwraps, where it was bound; a command that misbehaves is an error with a code.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandKek } from '../src/index.js';
import { tempDir } from './temp-dir.js';

const dir = tempDir();
const program = (name: string, text: string): string => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return `${process.execPath} ${file}`;
};

/** What stands in docs/guides/privacy.md, with a key of its own in place of a KMS. */
const kms = program(
  'kms.mjs',
  `import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
const key = createHash('sha256').update(process.argv[2] ?? 'one').digest();
const { op, bound, plain, wrapped } = JSON.parse(readFileSync(0, 'utf8'));
const aad = Buffer.from(JSON.stringify(bound ?? []));
const answer = () => {
  if (op === 'id') return { id: 'kms:' + (process.argv[2] ?? 'one') };
  if (op === 'wrap') {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
    const box = Buffer.concat([nonce, cipher.update(Buffer.from(plain, 'base64url')), cipher.final(), cipher.getAuthTag()]);
    return { wrapped: box.toString('base64url') };
  }
  try {
    const box = Buffer.from(wrapped, 'base64url');
    const open = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12)).setAAD(aad).setAuthTag(box.subarray(-16));
    return { plain: Buffer.concat([open.update(box.subarray(12, -16)), open.final()]).toString('base64url') };
  } catch { return { error: 'does-not-open' }; }
};
process.stdout.write(JSON.stringify(answer()) + '\\n');
`,
);
const BOUND = ['key', 'k1', 'acme.shop.prod.bot', '2026-01'];

describe('a key behind a command', () => {
  it('unwraps what it wrapped, for the same place only', async () => {
    const kek = await commandKek(kms);
    expect(kek.id).toBe('kms:one');
    const plain = Buffer.from('thirty-two bytes of a data key..');
    const wrapped = await kek.wrap(BOUND, plain);
    expect(wrapped.includes(plain)).toBe(false);
    expect(await kek.unwrap(BOUND, wrapped)).toEqual(plain);
    expect(await kek.unwrap(['key', 'k2'], wrapped)).toBeUndefined();
    expect(await (await commandKek(`${kms} two`)).unwrap(BOUND, wrapped)).toBeUndefined();
  });

  it.each([
    ['is not there', '/nonexistent/kek'],
    ['fails', program('fails.mjs', 'process.exit(3)')],
    ['says something else', program('talks.mjs', 'console.log("hello")')],
    [
      'says too much',
      program('floods.mjs', 'process.stdout.write("x".repeat(1 << 20)); setTimeout(() => {}, 5000)'),
    ],
    ['names no key', program('unnamed.mjs', 'console.log("{}")')],
  ])('that %s is refused with a code, and what it said is not repeated', async (_, line) => {
    const error = await commandKek(line).then(
      () => undefined,
      (e: Error & { code?: string }) => e,
    );
    expect(error).toMatchObject({ code: 'WRIT-VLT-004' });
    expect(error?.message).not.toContain('hello');
  });

  it('is given no shell: its words are arguments', async () => {
    const echo = program('echo.mjs', 'console.log(JSON.stringify({ id: process.argv.slice(2).join("|") }))');
    expect((await commandKek(`${echo} $(id) ;ls`)).id).toBe('$(id)|;ls');
  });

  it('that does not unwrap what it has wrapped locks nothing away', async () => {
    const answers = 'const { op } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));';
    const one = (plain: string) =>
      `${answers} console.log(JSON.stringify({ id: { id: "kms:x" }, wrap: { wrapped: "QUFB" }, unwrap: ${plain} }[op]));`;
    const [other, lost] = ['{ plain: "QkJC" }', '{ error: "does-not-open" }'];
    for (const [name, plain] of [
      ['other.cjs', other],
      ['lost.cjs', lost],
    ] as const) {
      const kek = await commandKek(program(name, one(plain)));
      await expect(kek.wrap(BOUND, Buffer.from('AAA'))).rejects.toMatchObject({ code: 'WRIT-VLT-004' });
      await expect(kek.wrap(BOUND, Buffer.from('AAA'))).rejects.toMatchObject({ code: 'WRIT-VLT-004' });
    }
  });

  it('is asked to unwrap once, after the first that it wraps', async () => {
    const log = join(dir, 'asked');
    const noted = program(
      'noted.cjs',
      `const fs = require("node:fs"); const { op, plain, wrapped } = JSON.parse(fs.readFileSync(0, "utf8"));
fs.appendFileSync(${JSON.stringify(log)}, op + " ");
console.log(JSON.stringify({ id: { id: "kms:x" }, wrap: { wrapped: plain }, unwrap: { plain: wrapped } }[op]));`,
    );
    const kek = await commandKek(noted);
    for (const text of ['one', 'two']) await kek.wrap(BOUND, Buffer.from(text));
    expect(readFileSync(log, 'utf8')).toBe('id wrap unwrap wrap ');
  });

  it('gets PATH and HOME of the environment, and no credentials', async () => {
    process.env['WRIT_TEST_SECRET'] = 'secret';
    const seen = program(
      'seen.mjs',
      'console.log(JSON.stringify({ id: Object.keys(process.env).sort().join("|") }))',
    );
    const { id } = await commandKek(seen);
    delete process.env['WRIT_TEST_SECRET'];
    expect(id.split('|')).toContain('PATH');
    expect(id).not.toContain('SECRET');
  });
});
