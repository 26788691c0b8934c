// The auditor's guide, command by command as it stands there, against a real plane; then offline, with the plane gone.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectWrit, readCredentials } from '@writ/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const writ = join(root, 'libs/cli/bin/writ.js');
const folder = mkdtempSync(join(tmpdir(), 'writ-guide-'));
const home = join(folder, '.writ');
const AGENT = 'acme.shop.prod.ops';
const PRIVATE = 'a-private-note-3k9v';
const example = (name: string): string => join(root, 'docs/examples/orders', name);

type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** Runs one line of the guide in a shell; `npx writ` is this tree's own command. */
const line = (command: string): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, WRIT_HOME: home, PYTHONPATH: join(root, 'libs/verifier-python') };
    const own = command.replaceAll('npx writ', `"${process.execPath}" "${writ}"`);
    execFile('bash', ['-c', own], { env, cwd: folder, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? 70), stdout, stderr }),
    );
  });

const ok = async (command: string): Promise<string> => {
  const ran = await line(command);
  expect(ran, command).toMatchObject({ status: 0 });
  return ran.stdout;
};

/** The commands of the guide: every line that is indented by four blanks. */
const guide = readFileSync(join(root, 'docs/guides/auditor.md'), 'utf8');
const commands = guide
  .split('\n')
  .filter((text) => text.startsWith('    '))
  .map((text) => text.trim());

/** The sealer signs at the latest a second after the last message. */
const untilSealed = () => new Promise((resolve) => setTimeout(resolve, 2_500));

let plane: ChildProcess;
let intent = '';

const up = (): Promise<void> =>
  new Promise((resolve, reject) => {
    plane = spawn(process.execPath, [writ, 'up', '--json'], {
      env: { ...process.env, WRIT_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    plane.stdout?.on('data', (chunk) => {
      text += String(chunk);
      if (!text.trimEnd().endsWith('}')) return;
      process.env['WRIT_NATS_URL'] = (JSON.parse(text) as { nats: string }).nats;
      resolve();
    });
    plane.once('exit', (code) => reject(new Error(`writ up ended with ${code}`)));
  });

const down = async (): Promise<void> => {
  if (plane.exitCode !== null) return;
  plane.removeAllListeners('exit');
  const ended = new Promise((resolve) => plane.once('exit', resolve));
  plane.kill('SIGINT');
  await ended;
};

/** One action from intent to outcome. */
const act = async (): Promise<string> => {
  const client = await connectWrit(readCredentials(join(home, 'agents', AGENT)));
  try {
    const asked = await client.authorize({
      action: {
        tool: 'psql',
        operation: 'select',
        resource: 'postgres:orders/carts',
        args: { table: 'carts', note: PRIVATE },
      },
    });
    if (asked.kind !== 'permitted') throw new Error(`${asked.kind}: the example boundary permits to read`);
    await client.execute(asked.handle, async () => undefined);
    return asked.handle.id;
  } finally {
    await client.close();
  }
};

beforeAll(async () => {
  await ok('npx writ init --org acme --admin alice --env shop.prod');
  await up();
  await ok(`npx writ agent add ${AGENT} --owner alice --as alice`);
  await ok(`npx writ boundary publish ${example('gate.yaml')} --as alice`);
  await ok(`npx writ boundary publish ${example('boundary.yaml')} --as alice`);
  intent = await act();
  await untilSealed();
}, 120_000);

afterAll(async () => {
  await down();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe("the auditor's guide", () => {
  it('has commands for each of its parts', () => {
    for (const part of [
      '--full',
      '--agent',
      '--receipt',
      '--sample',
      '--outside',
      'report',
      'witness init',
      'writ_verify',
      '--disclosures vault',
      '--show-values',
      'erase',
      '--format csv',
      '--format in-toto',
    ])
      expect(
        commands.some((command) => command.includes(part)),
        part,
      ).toBe(true);
  });

  it('holds, every command, on the running plane', async () => {
    const printed = new Map<string, string>();
    const run = async (command: string): Promise<void> => {
      const ran = await line(command.replace('INTENT', intent));
      printed.set(command, `${ran.stdout}${ran.stderr}`);
      if (command.includes('writ erase')) await untilSealed();
      const expected = Number(/# exit status (\d+)/.exec(command)?.[1] ?? 0);
      expect([command, ran.status, ran.stderr]).toEqual([command, expected, expect.any(String)]);
    };
    // What only reads and writes a file of its own may run beside the others of its kind.
    const alone = (command: string): boolean => / writ report | --format /.test(command);
    const own = commands.filter((text) => !text.includes('writ_verify'));
    for (const command of own.filter((text) => !alone(text))) await run(command);
    await Promise.all(own.filter(alone).map(run));
    expect([...printed.values()].join('\n')).toContain('SEALED');
    for (const [command, text] of printed)
      expect([command, text.includes(PRIVATE)]).toEqual([command, command.includes('--show-values')]);
    const later = printed.get('npx writ verify values-later --trust page.json') ?? '';
    expect(later).toMatch(/values shown, [1-9]\d* erased, /);
    expect(later).toContain('Authority  WITHIN');
    expect(printed.get('npx writ verify values --trust page.json')).toContain(', 0 erased, ');
    expect(readFileSync(join(folder, 'values/disclosures.ndjson'), 'utf8')).not.toBe('');
    expect(readFileSync(join(folder, 'ops.csv'), 'utf8')).toContain(intent);
    expect(readFileSync(join(folder, 'statement.json'), 'utf8')).toContain('in-toto.io/Statement/v1');
    expect(statSync(join(folder, 'receipt.json')).size).toBeLessThan(40_000);
    for (const name of ['owasp.html', 'nist.md', 'iso.json', 'eu.md'])
      expect(readFileSync(join(folder, name), 'utf8')).toContain('acme');
  }, 120_000);

  it('what was exported verifies with the plane gone, and no longer when a byte of it is another', async () => {
    await down();
    rmSync(home, { recursive: true, force: true });
    expect(await ok('npx writ verify bundle --trust page.json --require sealed')).toContain('SEALED');
    const file = readdirSync(join(folder, 'bundle')).find((name) => name.startsWith('messages')) as string;
    const altered = `python3 - <<'END'
p = 'bundle/${file}'
data = bytearray(open(p, 'rb').read())
data[len(data) // 2] ^= 1
open(p, 'wb').write(data)
END`;
    const shell = await line(`cp -r bundle whole && ${altered}`);
    expect(shell.status).toBe(0);
    expect((await line('npx writ verify bundle --trust page.json')).status).toBe(1);
    expect((await line('npx writ verify whole --trust page.json')).status).toBe(0);
  }, 60_000);
});
