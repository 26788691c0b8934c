// Founding with several roots: what init writes is what admission, and nobody less, accepts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { livePayloadType } from '@writ/contracts';
import { digestOf, endorses, link, openLedgerFrame, readFrame } from '@writ/crypto';
import { admit, emptyChain, registryInitial, rootedDirectory } from '@writ/domain';
import { afterEach, describe, expect, it } from 'vitest';
import { initInstallation, readOrganisation } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'writ-roots-'));
let homes = 0;
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const found = (roots: number, threshold: number) => {
  const home = join(folder, `home-${homes++}`);
  const environments = [{ project: 'shop', environment: 'prod' }];
  const made = initInstallation({ home, org: 'acme', admin: 'alice', environments, roots, threshold });
  if (made.kind === 'refused') return made;
  const [genesis, ...commands] = readFileSync(made.paths.bootstrapFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line));
  return { ...made, genesis: genesis as Buffer, commands };
};
type Founded = Exclude<ReturnType<typeof found>, { readonly kind: 'refused' }>;

const verdict = ({ paths, genesis }: Founded, over: { readonly threshold?: number } = {}) => {
  const keys = rootedDirectory({ ...readOrganisation(paths.orgFile), ...over }, () => registryInitial);
  const opened = openLedgerFrame(genesis, keys.find);
  if (opened === undefined) throw new Error('the genesis does not open');
  const subject = 'gov.ledger.registry.acme';
  const { document, digest } = opened;
  const message = { seq: 1, subject, document, digest };
  return admit(emptyChain, message, { keys, link, accepts: () => 'known', endorses });
};

describe('founding', () => {
  it.each([
    [1, 1],
    [3, 1],
    [3, 2],
    [5, 5],
  ])('with %i roots, of which %i must agree, is admitted', (roots, threshold) => {
    const founded = found(roots, threshold) as Founded;
    expect(founded.organisation).toMatchObject({ threshold });
    expect(founded.organisation.roots).toHaveLength(roots);
    expect(verdict(founded)).toMatchObject({ kind: 'event' });
  });

  it('of one of one is as it always was: no endorsement, no list of commands', () => {
    const { data } = JSON.parse((found(1, 1) as Founded).genesis.toString()).signed;
    expect(Object.keys(data).sort()).toEqual(['org', 'registrar', 'roots', 'threshold']);
  });

  it('above one names the first commands, so that one root key commands nothing else', () => {
    const { genesis, commands } = found(3, 2) as Founded;
    const named = commands.map((frame) => {
      const read = readFrame(frame);
      return read.ok ? digestOf(livePayloadType('command'), read.frame.document) : '';
    });
    expect(JSON.parse(genesis.toString()).signed.data.commands).toEqual(named);
  });

  it('below the pinned threshold is junk', () => {
    expect(verdict(found(3, 1) as Founded, { threshold: 2 })).toMatchObject({ code: 'WRIT-ADM-011' });
  });

  it.each([
    [0, 1],
    [2, 3],
    [17, 1],
    [2, 0],
    [1.5, 1],
  ])('of %f roots and threshold %f is refused', (roots, threshold) => {
    expect(found(roots, threshold)).toMatchObject({ kind: 'refused', code: 'WRIT-REG-006' });
  });
});
