// Founding an installation, and what stays unharmed by a second try.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { init, useFolders, writ, writJson } from './run-writ.js';

const folder = useFolders();

const filesIn = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('writ init', () => {
  it('writes every key and seed with mode 0600', async () => {
    const home = await init(folder('modes'));
    const secrets = filesIn(home).filter((file) => /\.(jwk|nk|kek)$/.test(file));
    expect(secrets.length).toBeGreaterThan(15);
    for (const file of secrets) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
  });

  it('refuses a second time and leaves every file as it was', async () => {
    const home = await init(folder('twice'));
    const before = filesIn(home).map((file) => [file, readFileSync(file, 'base64')]);
    const { exit, stderr } = await writ(
      'init',
      '--org',
      'acme',
      '--admin',
      'eve',
      '--env',
      'shop.prod',
      '--home',
      home,
    );
    expect(exit).toBe(1);
    expect(stderr).toContain('WRIT-CLI-004');
    expect(filesIn(home).map((file) => [file, readFileSync(file, 'base64')])).toEqual(before);
  });

  it('refuses a name that is not fit and makes nothing', async () => {
    const home = folder('unfit');
    const { exit, stderr } = await writ(
      'init',
      '--org',
      'Acme',
      '--admin',
      'alice',
      '--env',
      'shop.prod',
      '--home',
      home,
    );
    expect(exit).toBe(1);
    expect(stderr).toContain('WRIT-REG-006');
    expect(() => statSync(join(home, 'org.json'))).toThrow();
  });

  it('takes several environments and says what it made as one JSON document', async () => {
    const home = folder('json');
    const { document, exit } = await writJson(
      ...[
        'init',
        '--org',
        'acme',
        '--admin',
        'alice',
        '--env',
        'shop.prod',
        '--env',
        'shop.staging',
        '--home',
        home,
      ],
    );
    expect(exit).toBe(0);
    expect(document).toMatchObject({
      ok: true,
      org: 'acme',
      environments: ['acme.shop.prod', 'acme.shop.staging'],
    });
  });

  it('never shows a private key', async () => {
    const home = folder('secret');
    const { stdout, stderr } = await writ(
      'init',
      '--org',
      'acme',
      '--admin',
      'alice',
      '--env',
      'shop.prod',
      '--home',
      home,
    );
    const { d } = JSON.parse(readFileSync(join(home, 'people/alice/person.jwk'), 'utf8')) as { d: string };
    expect(d).toMatch(/^[\w-]{43}$/);
    expect(stdout + stderr).not.toContain(d);
  });
});
