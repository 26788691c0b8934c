// A ledger that was rolled back, recreated or cut under a plane that knew another: nothing is authorised until a person has decided,
// and the decision stands in the ledger. The sealer signs none of it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { subjects } from '@writ/contracts';
import { readKeyFile } from '@writ/crypto';
import { PlaneServices, signLive } from '@writ/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withReader } from '../../libs/cli/src/reading/ledger-view.js';
import { type Tampered, tamperedInstallation } from '../harness/tampering.js';

type Difference = { readonly kind: string; readonly where: string; readonly seq: number | null };
type Fsck = {
  readonly differences: readonly Difference[];
  readonly ledger: { readonly end: number; readonly root: string };
};

const FOLLOWERS = PlaneServices.filter((service) => service !== 'sealer');
let place: Tampered;

const kinds = ({ differences }: Fsck): readonly string[] =>
  [...new Set(differences.map(({ kind }) => kind))].sort();
const at = ({ differences }: Fsck, kind: string) =>
  differences.filter((one) => one.kind === kind).map(({ seq }) => seq);
const fsck = async (): Promise<Fsck & { readonly status: number }> => {
  const { status, document } = await place.json('fsck');
  return { ...(document as Fsck), status };
};
const endOf = (): Promise<number> => withReader(place.home, ({ ledger }) => ledger.end());
const adoptions = async (): Promise<readonly Record<string, never>[]> => {
  const end = await endOf();
  const all: Record<string, never>[] = [];
  await withReader(place.home, async ({ ledger }) => {
    for (let seq = 1; seq <= end; seq += 1) {
      const { type, data } = JSON.parse(
        Buffer.from((await ledger.at(seq))?.bytes ?? []).toString('utf8'),
      ).signed;
      if (type === 'writ.registry.ledger-adopted.v1') all.push(data.ledger);
    }
  });
  return all;
};
const logOf = (service: string): string => readFileSync(join(place.paths.runDir, `${service}.log`), 'utf8');
const refusedToStart = async (why: RegExp): Promise<void> => {
  await expect(place.up()).rejects.toMatchObject({
    code: 'WRIT-LED-013',
    reason: expect.stringMatching(why),
    next: expect.stringContaining('writ ledger adopt'),
  });
  for (const file of ['nats', 'up', ...FOLLOWERS])
    expect(existsSync(place.paths.runFile(file)), file).toBe(false);
};
/** A decision signed by hand, for what the command line refuses to sign. */
const putAdoption = (person: string, ledger: { end: number; root: string }, time: number): void => {
  const action = { do: 'adopt-ledger' as const, ledger, reason: { _sd: [] } };
  const data = { action, version: 0, expires: new Date(time + 3_600_000).toISOString() };
  const key = readKeyFile(place.paths.personKey(person));
  const subject = subjects.command('registry', 'acme', person);
  const signed = signLive('command', subject, data, key, { time: new Date(time).toISOString() });
  writeFileSync(place.paths.adoptionFile, signed.bytes, { mode: 0o600 });
};

describe('a store that was put back to an earlier copy', () => {
  let copy: { back: () => void };
  let before: number;
  let checkpoint: string;
  let found: Fsck & { readonly status: number };

  beforeAll(async () => {
    place = await tamperedInstallation();
    await place.up();
    const added = await place.writ('person', 'add', 'carol', '--role', 'approver@acme', '--as', 'alice');
    expect(added, added.stderr).toMatchObject({ status: 0 });
    await place.down();
    copy = place.copyStore();
    await place.up();
    expect(await place.records('lost')).toBe(true);
    before = await endOf();
  }, 60_000);
  afterAll(() => place.remove());

  it('begins as one that fsck finds nothing in, sealed to its end', async () => {
    const sealed = () => readFileSync(join(place.paths.sealerDir, 'checkpoint.txt'), 'utf8');
    await expect.poll(() => sealed().split('\n')[1], { timeout: 10_000 }).toBe(`${before}`);
    checkpoint = sealed();
    expect(await fsck()).toMatchObject({ status: 0, differences: [], ledger: { end: before } });
    await place.down();
    copy.back();
  }, 30_000);

  it('is refused at the start, with the code, the reason and the next step, and nothing is left half up', async () => {
    await refusedToStart(
      new RegExp(`registry refused to start: it ends at ${before - 1}, it was known up to ${before}; nobody`),
    );
  }, 30_000);

  it('is named by fsck: what the read model, the checkpoints and every service have beyond it', async () => {
    found = await fsck();
    expect(found).toMatchObject({ status: 4, ledger: { end: before - 1 } });
    expect(kinds(found)).toEqual(['checkpoint', 'mark', 'read-model-extra']);
    expect(at(found, 'read-model-extra')).toEqual([before]);
    expect(at(found, 'checkpoint')).toEqual([before, before]);
    expect(found.differences.filter(({ kind }) => kind === 'mark').map(({ where }) => where)).toEqual(
      FOLLOWERS,
    );
  }, 30_000);

  it('is not adopted by one who is no administrator, nor by a decision from before, of another ledger, or that has expired', async () => {
    const asked = await place.writ('ledger', 'adopt', '--as', 'carol', '--reason', 'x');
    expect(asked).toMatchObject({ status: 1, stderr: expect.stringContaining('WRIT-REG-001') });
    expect(existsSync(place.paths.adoptionFile)).toBe(false);
    const { end, root } = found.ledger;
    putAdoption('carol', { end, root }, Date.now());
    await refusedToStart(/carol is not an administrator/);
    putAdoption('alice', { end, root }, Date.now() - 1_800_000);
    await refusedToStart(/older than what was known/);
    putAdoption('alice', { end, root }, Date.now() - 7_200_000);
    await refusedToStart(/expired/);
    putAdoption('alice', { end: end - 1, root }, Date.now());
    await refusedToStart(/other messages/);
  }, 60_000);

  it('is gone on with once an administrator has adopted it, and the decision is an event', async () => {
    const adopted = await place.writ(
      'ledger',
      'adopt',
      '--as',
      'alice',
      '--reason',
      'planted words of the reason',
    );
    expect(adopted, adopted.stderr).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('next: writ up'),
    });
    await place.up();
    expect(await adoptions()).toEqual([{ end: before - 1, root: found.ledger.root }]);
    expect(await place.records('after')).toBe(true);
    const now = await fsck();
    expect(kinds(now)).toEqual(['checkpoint']);
  }, 60_000);

  it('is not sealed: the sealer stays down with its code, and the last checkpoint is the one from before', async () => {
    expect(logOf('sealer')).toMatch(/"event":"sealer.refused","code":"WRIT-SEA-00[23]"/);
    expect(readFileSync(join(place.paths.sealerDir, 'checkpoint.txt'), 'utf8')).toBe(checkpoint);
  });

  it('is refused again when it is put back again: the decision was of the time before', async () => {
    await place.down();
    copy.back();
    await refusedToStart(/the adoption/);
    expect((await place.writ('ledger', 'adopt', '--as', 'alice', '--reason', 'again')).status).toBe(0);
    await place.up();
    expect(await adoptions()).toHaveLength(1);
    await place.down();
  }, 60_000);

  it('needs no decision where nothing differs', async () => {
    const asked = await place.writ('ledger', 'adopt', '--as', 'alice', '--reason', 'x');
    expect(asked).toMatchObject({ status: 1, stderr: expect.stringContaining('WRIT-LED-014') });
  }, 30_000);
});

describe('under running services', () => {
  beforeAll(async () => {
    place = await tamperedInstallation();
    await place.up();
    expect(await place.records('first')).toBe(true);
    // What was known reaches the marks within 2 s.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
  }, 60_000);
  afterAll(() => place.remove());

  const allStop = async (): Promise<void> => {
    const stopped = () => FOLLOWERS.filter((service) => place.events.includes(`${service} exited`));
    await expect.poll(stopped, { timeout: 15_000, interval: 100 }).toEqual(FOLLOWERS);
  };

  it('a ledger that was lost and made anew stops them, and a person of the lost registry cannot adopt it: a root can', async () => {
    await place.loseStore();
    await allStop();
    await expect.poll(() => logOf('registry'), { timeout: 15_000 }).toContain('WRIT-LED-013');
    expect(await place.records('never')).toBe(false);
    expect(await endOf()).toBe(0);
    const found = await fsck();
    expect(found).toMatchObject({ status: 4, ledger: { end: 0 } });
    expect(at(found, 'read-model-extra')[0]).toBe(1);
    const asked = await place.writ('ledger', 'adopt', '--as', 'alice', '--reason', 'x');
    expect(asked.stderr).toContain('WRIT-REG-001');
    const root = place.paths.keyFile('root');
    const adopted = await place.writ('ledger', 'adopt', '--root', root, '--reason', 'we begin anew');
    expect(adopted, adopted.stderr).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('stands still'),
    });
    // The supervisor starts them anew, at most every 5 s; the registry founds the organisation again.
    await expect.poll(() => place.records('anew'), { timeout: 40_000, interval: 500 }).toBe(true);
    expect(await adoptions()).toEqual([{ end: 0, root: found.ledger.root }]);
    const last = () =>
      FOLLOWERS.map((service) => place.events.findLast((event) => event.startsWith(`${service} `)));
    await expect
      .poll(last, { timeout: 20_000, interval: 200 })
      .toEqual(FOLLOWERS.map((service) => `${service} ready`));
  }, 120_000);

  it('a read model of the lost ledger is built anew on request', async () => {
    await place.down();
    expect((await place.writ('ledger', 'rebuild')).status).toBe(0);
    await place.up();
    const same = async () => kinds(await fsck());
    await expect.poll(same, { timeout: 15_000, interval: 500 }).toEqual(['checkpoint']);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
  }, 60_000);

  it('a ledger that was cut at its beginning stops them within seconds, and nobody can go on with it', async () => {
    const end = await endOf();
    place.events.length = 0;
    expect(await place.cutBeginning()).toBe(1);
    expect(await endOf()).toBe(end);
    await allStop();
    expect(await place.records('never')).toBe(false);
    const found = await fsck();
    expect(found.status).toBe(4);
    expect(at(found, 'gap')).toEqual([1]);
    const asked = await place.writ('ledger', 'adopt', '--root', place.paths.keyFile('root'), '--reason', 'x');
    expect(asked).toMatchObject({ status: 4, stderr: expect.stringContaining('WRIT-LED-006') });
    await place.down();
    await expect(place.up()).rejects.toMatchObject({
      code: 'WRIT-LED-006',
      reason: expect.stringContaining('message 1'),
    });
  }, 90_000);
});
