// Settings: read from the environment and a file, refused with code and name, never shown.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Codes } from '@writ/contracts';
import { expect, test } from 'vitest';
import { environmentName, loadConfig, RuntimeFault } from '../src/index.js';
import { tempDir } from './temp-dir.js';

function configFile(text: string): string {
  const path = join(tempDir(), 'writ.json');
  writeFileSync(path, text);
  return path;
}

function faultOf(action: () => unknown): RuntimeFault {
  try {
    action();
  } catch (error) {
    if (error instanceof RuntimeFault) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('with an empty environment everything has its default', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({
    home: '.writ',
    logLevel: 'info',
    logPretty: false,
    httpHost: '127.0.0.1',
    httpPort: 0,
  });
  expect(config.paths.root).toBe(join(process.cwd(), '.writ'));
  expect(config.natsUrl).toBeUndefined();
});

test('the environment wins over the file, and an empty variable counts as absent', () => {
  const file = configFile('{"logLevel":"warn","httpPort":8080,"logPretty":true}');
  const config = loadConfig({ WRIT_CONFIG: file, WRIT_HTTP_PORT: '9090', WRIT_LOG_LEVEL: '' });
  expect(config).toMatchObject({ logLevel: 'warn', httpPort: 9090, logPretty: true });
});

test.each([
  ['WRIT_LOG_LEVEL', 'loud', 'must be one of trace'],
  ['WRIT_HTTP_PORT', '70000', 'must be a port from 0 to 65535'],
  ['WRIT_HTTP_PORT', '1.5', 'must be a port from 0 to 65535'],
  ['WRIT_HTTP_PORT', 'hunter2', 'must be a port from 0 to 65535'],
  ['WRIT_LOG_PRETTY', 'maybe', 'must be true or false'],
  ['WRIT_NATS_URL', 'http://user:hunter2@host', 'must be nats://'],
  ['WRIT_DATABASE_URL', 'mysql://user:hunter2@host/db', 'must be postgres://'],
  ['WRIT_ORG', 'Acme Inc', 'must match'],
])('%s=%s is refused by name, with what it must be and without its value', (name, value, must) => {
  const fault = faultOf(() => loadConfig({ [name]: value }));
  expect(fault.code).toBe('WRIT-CFG-001');
  expect(fault.reason).toContain(name);
  expect(fault.reason).toContain(must);
  expect(fault.message).not.toContain('hunter2');
  expect(fault.next).toBe(Codes['WRIT-CFG-001'].next);
});

test('a file with a setting that does not exist is refused by the name of the setting', () => {
  const fault = faultOf(() => loadConfig({}, configFile('{"logLvl":"info"}')));
  expect([fault.code, fault.reason]).toEqual(['WRIT-CFG-003', expect.stringContaining('logLvl')]);
});

test.each([
  ['{"logLevel":', 'is not JSON'],
  ['["info"]', 'is not a JSON object'],
  ['null', 'is not a JSON object'],
])('the file %s is refused', (text, why) => {
  const fault = faultOf(() => loadConfig({}, configFile(text)));
  expect([fault.code, fault.reason]).toEqual(['WRIT-CFG-002', expect.stringContaining(why)]);
});

test('a file that is not there is refused by its name', () => {
  expect(faultOf(() => loadConfig({ WRIT_CONFIG: '/nowhere/writ.json' })).message).toMatch(
    /WRIT-CFG-002.*nowhere.*ENOENT/,
  );
});

test('the name of a setting in the environment is its name in capitals', () => {
  expect(environmentName('natsServerBin')).toBe('WRIT_NATS_SERVER_BIN');
});
