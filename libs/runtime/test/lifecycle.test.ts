// A service's life: ready when it is ready, stopped in order, loud when it fails.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLogger, loadConfig, type ServiceStart, startService } from '../src/index.js';
import { eventually, runScript } from './spawn-node.js';
import { tempDir } from './temp-dir.js';

const log = createLogger({ service: 'test', level: 'silent' });

function start(run: ServiceStart, home = tempDir()) {
  return startService('registry', run, { config: loadConfig({ WRIT_HOME: home }), log });
}

type Readiness = { ready: boolean; checks: Record<string, boolean> };

async function readiness(port: number): Promise<[number, Readiness]> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  return [answer.status, (await answer.json()) as Readiness];
}

test('it is not ready while it starts, ready afterwards, and alive all the time', async () => {
  let during: [number, Readiness] | undefined;
  const service = await start(async ({ http }) => {
    during = await readiness(http.port);
    expect((await fetch(`http://127.0.0.1:${http.port}/healthz`)).status).toBe(200);
    return { stop: async () => undefined };
  });
  expect(during).toEqual([503, { ready: false, checks: { started: false } }]);
  expect(await readiness(service.httpPort)).toEqual([200, { ready: true, checks: { started: true } }]);
  await service.stop();
  await expect(fetch(`http://127.0.0.1:${service.httpPort}/healthz`)).rejects.toThrow();
});

test('readiness names the check that fails; one that throws or never answers counts as failing', async () => {
  const service = await start(async ({ http }) => {
    http.check('bus', () => true);
    http.check('ledger', () => Promise.reject(new Error('behind')));
    http.check('vault', () => new Promise(() => undefined));
    return { stop: async () => undefined };
  });
  const [status, body] = await readiness(service.httpPort);
  expect([status, body.checks]).toEqual([503, { started: true, bus: true, ledger: false, vault: false }]);
  await service.stop();
});

test('metrics count refusals by code, junk, shed messages and durations, labelled with the service', async () => {
  const service = await start(async ({ metrics }) => {
    metrics.refused('WRIT-DEC-004');
    metrics.refused('WRIT-DEC-004');
    metrics.junk('authority');
    metrics.shed('intent', 12);
    metrics.took('decide', 3);
    metrics.count('halts', 'Halts heard.')(2);
    metrics.count('halts', 'Halts heard.')();
    return { stop: async () => undefined };
  });
  const text = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
  expect(text).toContain('writ_refused_total{code="WRIT-DEC-004",service="registry"} 2');
  expect(text).toContain('writ_junk_total{family="authority",service="registry"} 1');
  expect(text).toContain('writ_shed_total{intake="intent",service="registry"} 12');
  expect(text).toContain('writ_took_milliseconds_bucket{le="5",service="registry",operation="decide"} 1');
  expect(text).toContain('writ_halts_total{service="registry"} 3');
  await service.stop();
});

test('further paths are answered by handlers; an unknown one is 404 and a handler that throws is 500', async () => {
  const service = await start(async ({ http }) => {
    http.handle((request, response) => {
      if (request.url === '/broken') throw new Error('a bug with a private text');
      if (request.url !== '/agents') return false;
      response.end('[]');
      return true;
    });
    return { stop: async () => undefined };
  });
  const at = `http://127.0.0.1:${service.httpPort}`;
  expect(await (await fetch(`${at}/agents`)).text()).toBe('[]');
  expect((await fetch(`${at}/nowhere`)).status).toBe(404);
  const broken = await fetch(`${at}/broken`);
  expect([broken.status, await broken.text()]).toEqual([500, expect.not.stringContaining('private')]);
  await service.stop();
});

test('the ready file says pid, port and time, and is gone after the stop; a second stop does nothing', async () => {
  const home = tempDir();
  let stops = 0;
  const service = await start(
    async () => ({
      stop: async () => {
        stops += 1;
      },
    }),
    home,
  );
  const file = join(home, 'run', 'registry.json');
  const report = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  expect(report).toEqual({ pid: process.pid, httpPort: service.httpPort, readyAt: expect.any(Number) });
  expect(service.context.signal.aborted).toBe(false);
  await Promise.all([service.stop(), service.stop()]);
  expect([stops, existsSync(file), service.context.signal.aborted]).toEqual([1, false, true]);
});

test('a start that fails leaves no port open and no ready file', async () => {
  const home = tempDir();
  let port = 0;
  const attempt = start(async ({ http }) => {
    port = http.port;
    throw new Error('no bus');
  }, home);
  await expect(attempt).rejects.toThrow('no bus');
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  expect(existsSync(join(home, 'run', 'registry.json'))).toBe(false);
});

function processOf(mode: string, env: Record<string, string> = {}) {
  const home = tempDir();
  const script = runScript('service.mjs', [mode], {
    env: { PATH: process.env['PATH'], WRIT_HOME: home, ...env },
  });
  return { ...script, home, file: join(home, 'run', 'registry.json') };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s stops the process in order with exit status 0',
  async (signal) => {
    const service = processOf('runs');
    await eventually(() => existsSync(service.file));
    service.child.kill(signal);
    expect(await service.exit).toBe(0);
    expect(service.out()).toBe('stopped in order\n');
    expect(existsSync(service.file)).toBe(false);
  },
);

test('the loss of the parent that started it with a channel stops it in order', async () => {
  const home = tempDir();
  const service = runScript('service.mjs', ['runs'], {
    env: { PATH: process.env['PATH'], WRIT_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ready = await new Promise((resolve) => void service.child.once('message', resolve));
  expect(ready).toBe('ready');
  const exit = new Promise((resolve) => void service.child.once('exit', resolve));
  service.child.disconnect();
  expect(await exit).toBe(0);
});

test.each(['fails', 'throws-later'])('a process that %s logs it as fatal and exits with 70', async (mode) => {
  const service = processOf(mode);
  expect(await service.exit).toBe(70);
  const last = JSON.parse(service.err().trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  expect(last).toMatchObject({
    level: 'fatal',
    event: 'service.failed',
    service: 'registry',
    error: 'Error',
  });
  // The message of an error that others threw may hold values.
  expect(service.err()).not.toMatch(/no start|a bug/);
});

test('a wrong setting ends the process with 78, its code and what to do next', async () => {
  const service = processOf('runs', { WRIT_LOG_LEVEL: 'loud' });
  expect(await service.exit).toBe(78);
  expect(JSON.parse(service.err())).toMatchObject({
    code: 'WRIT-CFG-001',
    why: expect.stringContaining('WRIT_LOG_LEVEL'),
  });
});

test('standard output stays free for the output of commands', async () => {
  const service = processOf('fails');
  await service.exit;
  expect(service.out()).toBe('');
});
