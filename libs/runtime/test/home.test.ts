// The layout of an installation, and that no name leads out of it.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureHome, homePaths } from '../src/index.js';
import { tempDir } from './temp-dir.js';

test('every path lies beneath the root', () => {
  const home = homePaths('/srv/writ');
  const made = [home.keyFile('receipt-ledger'), home.natsSeed('sealer'), home.agentKey('acme.shop.prod.bot')];
  const fixed = Object.values(home).filter((value) => typeof value === 'string');
  for (const path of [...fixed, ...made, home.personSeed('oncall'), home.runFile('decision')]) {
    expect(path.startsWith('/srv/writ')).toBe(true);
  }
  expect(home.agentKey('acme.shop.prod.bot')).toBe('/srv/writ/agents/acme.shop.prod.bot/agent.jwk');
});

test.each(['../root', 'a/b', '', '.', '..', 'a..b', 'A', 'a b', 'a\0b', '-a'])(
  'the name %j makes no path',
  (name) => {
    const { keyFile, natsSeed, agentDir, personDir, runFile } = homePaths('/srv/writ');
    for (const path of [keyFile, natsSeed, agentDir, personDir, runFile])
      expect(() => path(name)).toThrow(/WRIT-CFG-005/);
  },
);

test('folders with keys are closed to others and the root can only be passed through, also when made before', () => {
  const root = join(tempDir(), 'home');
  ensureHome(root);
  const home = ensureHome(root);
  expect(statSync(home.root).mode & 0o777).toBe(0o711);
  for (const dir of readdirSync(home.root)) expect(statSync(join(home.root, dir)).mode & 0o777).toBe(0o700);
  expect(readdirSync(home.root).sort()).toEqual(['agents', 'keys', 'known', 'nats', 'people', 'run']);
});
