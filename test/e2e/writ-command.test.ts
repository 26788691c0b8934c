// The README's commands as people type them, against a plane that `writ up` runs: people, documents, gates, halts, audit.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectWrit, readCredentials, type WritClient } from '@writ/client';
import { connectBus } from '@writ/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const writ = join(root, 'libs/cli/bin/writ.js');
const folder = mkdtempSync(join(tmpdir(), 'writ-e2e-'));
const home = join(folder, '.writ');
const example = (name: string): string => join(root, 'docs/examples/orders', name);

type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** Runs `writ` as a process of its own. */
const type = (...argv: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, WRIT_HOME: home };
    execFile(process.execPath, [writ, ...argv], { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? 70), stdout, stderr }),
    );
  });

const ok = async (...argv: readonly string[]): Promise<string> => {
  const ran = await type(...argv);
  expect(ran, argv.join(' ')).toMatchObject({ status: 0 });
  return ran.stdout;
};

let plane: ChildProcess;
let natsUrl = '';

const up = (): Promise<string> =>
  new Promise((resolve, reject) => {
    plane = spawn(process.execPath, [writ, 'up', '--json'], {
      env: { ...process.env, WRIT_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    plane.stdout?.on('data', (chunk) => {
      text += String(chunk);
      if (text.trimEnd().endsWith('}')) resolve((JSON.parse(text) as { nats: string }).nats);
    });
    plane.once('exit', (code) => reject(new Error(`writ up ended with ${code}`)));
  });

const agentName = 'acme.shop.prod.ops';

const drop = (writClient: WritClient) =>
  writClient.authorize({
    action: {
      tool: 'psql',
      operation: 'drop',
      resource: 'postgres:orders/customers',
      args: { table: 'customers', rows: 200 },
    },
    reasoning: { goal: 'the most efficient fix' },
  });

beforeAll(async () => {
  await ok('init', '--org', 'acme', '--admin', 'alice', '--env', 'shop.prod');
  natsUrl = await up();
  await ok('person', 'add', 'bob', '--role', 'approver@acme', '--as', 'alice');
  await ok('person', 'add', 'oncall', '--role', 'operator@acme.shop', '--halt', 'acme.shop', '--as', 'alice');
  await ok('agent', 'add', agentName, '--owner', 'alice', '--as', 'alice');
  await ok('boundary', 'check', example('boundary.yaml'));
  await ok('boundary', 'publish', example('gate.yaml'), '--as', 'alice');
  await ok('boundary', 'publish', example('boundary.yaml'), '--as', 'alice');
}, 120_000);

afterAll(async () => {
  plane.removeAllListeners('exit');
  const ended = new Promise((resolve) => plane.once('exit', resolve));
  plane.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('the writ command on a running plane', { timeout: 60_000 }, () => {
  it('keys are files of mode 0600', () => {
    for (const file of [
      'keys/root.jwk',
      'people/bob/person.jwk',
      `agents/${agentName}/agent.jwk`,
      `agents/${agentName}/agent.nk`,
    ]) {
      expect(statSync(join(home, file)).mode & 0o777, file).toBe(0o600);
    }
  });

  it('an escalated action is shown in plain words, rejected by one person, approved by one person', async () => {
    process.env['WRIT_NATS_URL'] = natsUrl;
    const agent = await connectWrit(readCredentials(join(home, 'agents', agentName)));
    const first = await drop(agent);
    expect(first.kind).toBe('escalated');
    if (first.kind !== 'escalated') return;
    const shown = await ok('approve', first.handle.id, '--show', '--as', 'bob', '--ledger');
    expect(shown).toContain('drop');
    expect(shown).toContain('postgres:orders/customers');
    await ok('reject', first.handle.id, '--as', 'bob', '--ledger', '--reason', 'not like this');
    const refused = await agent.execute(first.handle, () => 'dropped');
    expect(refused).toMatchObject({ kind: 'refused', code: 'WRIT-RCP-010' });

    const second = await drop(agent);
    if (second.kind !== 'escalated') throw new Error(second.kind);
    await ok('approve', second.handle.id, '--as', 'bob', '--ledger');
    const run = await agent.execute(second.handle, () => 'dropped', { wait: 'approval' });
    expect(run).toMatchObject({ kind: 'executed', value: 'dropped' });
    await agent.close();
  });

  it('a halt by the plain publish of any NATS client, or by writ halt, stops the agent until each is released', async () => {
    const agent = await connectWrit(readCredentials(join(home, 'agents', agentName)));
    expect(agent.status().gate.kind).toBe('open');
    const stopped = new Promise<void>((resolve) => agent.onHalt(() => resolve()));
    const bus = await connectBus({
      url: natsUrl,
      seedFile: join(home, 'people/oncall/person.nk'),
      inboxPrefix: '_INBOX.oncall',
      name: 'any client',
    });
    bus.publish('gov.halt.oncall.acme.shop.prod', '{"reason":"runaway refunds"}');
    await stopped;
    expect(agent.status().gate.kind).toBe('closed');
    const told = await ok('halt', 'acme.shop', '--as', 'oncall', '--reason', 'and the rest', '--json');
    expect(JSON.parse(told)).toBeTruthy();
    expect(await ok('status', '--ledger')).toContain('halt-1');
    await ok(
      'release',
      'acme.shop.prod',
      '--halt',
      'halt-1',
      '--as',
      'alice',
      '--reason',
      'the first is understood',
      '--ledger',
    );
    expect(agent.status().gate.kind).toBe('closed');
    await ok('release', 'acme.shop', '--all', '--as', 'alice', '--reason', 'fixed', '--ledger');
    await expect.poll(() => agent.status().gate.kind, { timeout: 10_000 }).toBe('open');
    await bus.close();
    await agent.close();
  });

  it('the live ledger verifies, is exported, and the export verifies offline', async () => {
    const file = join(folder, 'ledger.ndjson');
    expect(await ok('verify', '--export', file)).toContain('WITHIN');
    expect(await ok('verify', '--file', file)).toContain('WITHIN');
  });

  it('an invalid document is refused with file, line and column, and nothing is published', async () => {
    const ran = await type('boundary', 'check', join(root, 'package.json'));
    expect(ran.status).toBe(1);
    expect(ran.stderr + ran.stdout).toMatch(/package\.json:\d+:\d+/);
  });
});
