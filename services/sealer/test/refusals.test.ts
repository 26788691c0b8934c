// What the sealer does not go on after: another ledger, a shorter one, a second sealer, a memory that does not fit.
import { readFileSync, writeFileSync } from 'node:fs';
import { readKeyFile } from '@writ/crypto';
import { describe, expect, it } from 'vitest';
import { signText } from '../src/notes.js';
import { until } from './ground.js';
import { junk, readiness, standing } from './standing.js';

const { begin, end, ground, noteFile, refusals, running } = standing();

describe('a ledger that is not what it was', () => {
  const sealed = async (count: number) => {
    await ground().genesis();
    await ground().append(ground().decisionSubject, junk(count - 1));
    await begin();
    await ground().sealedUpTo(count);
  };

  it('that is shorter than what was signed is refused at the start', async () => {
    await sealed(300);
    await end();
    await ground().replaceLedger();
    await ground().genesis();
    const service = await begin();
    expect(refusals()).toEqual(['WRIT-SEA-003']);
    expect((await readiness(service)).status).toBe(503);
  });

  it('that was replaced by a longer one is refused at the start, also without the database', async () => {
    await sealed(300);
    await end();
    await ground().replaceLedger();
    await ground().genesis();
    await ground().append(ground().decisionSubject, junk(500));
    await begin();
    expect(refusals()).toEqual(['WRIT-SEA-002']);
    await end();
    await ground().pool.query('drop schema sealer cascade');
    await ground().prepare();
    await begin();
    await until(() => refusals().length > 1);
    expect(refusals()).toEqual(['WRIT-SEA-002', 'WRIT-SEA-002']);
    expect(await ground().reader.latest()).toBeUndefined();
  });

  it('that begins with another genesis is refused', async () => {
    await ground().append(ground().registrySubject, ['junk first']);
    await ground().genesis();
    await begin();
    await until(() => refusals().length > 0);
    expect(refusals()).toEqual(['WRIT-SEA-006']);
  });

  it('that is replaced while it runs is refused within seconds, and nothing more is signed', async () => {
    await sealed(300);
    await ground().replaceLedger();
    await ground().genesis();
    await ground().append(ground().decisionSubject, junk(299));
    await until(() => refusals().length > 0);
    expect(['WRIT-SEA-002', 'WRIT-SEA-003']).toContain(refusals()[0]);
    expect((await ground().reader.latest())?.size).toBe(300);
    expect((await readiness(running())).checks['sealing']).toBe(false);
  });
});

describe('what keeps it from signing twice', () => {
  it('a second sealer is refused while the first one runs, and takes over when it is gone', async () => {
    await ground().genesis();
    await begin();
    await ground().sealedUpTo(1);
    await expect(ground().start()).rejects.toMatchObject({ code: 'WRIT-SEA-004' });
    await end();
    await begin();
    await ground().append(ground().decisionSubject, ['more']);
    await ground().sealedUpTo(2);
  });

  it('a file that is no checkpoint, or one of another ledger, stops it', async () => {
    await ground().genesis();
    await begin();
    await ground().sealedUpTo(1);
    await end();
    const note = readFileSync(noteFile(), 'utf8');
    writeFileSync(noteFile(), 'x');
    await begin();
    await end();
    writeFileSync(noteFile(), note.replace('writ/acme/', 'writ/other/'));
    await begin();
    expect(refusals()).toEqual(['WRIT-SEA-007', 'WRIT-SEA-006']);
  });

  it('a root of the same size that differs in a byte from what was signed stops it', async () => {
    await ground().genesis();
    await begin();
    await ground().sealedUpTo(1);
    await end();
    const note = readFileSync(noteFile(), 'utf8');
    const [, , root = ''] = note.split('\n');
    const other = `${root[0] === 'A' ? 'B' : 'A'}${root.slice(1)}`;
    writeFileSync(noteFile(), note.replace(root, other));
    await begin();
    await until(() => refusals().length > 0);
    expect(refusals()).toEqual(['WRIT-SEA-002']);
  });

  it('a larger checkpoint of this ledger that someone else has published, with our key, stops it', async () => {
    await ground().genesis();
    await begin();
    await ground().sealedUpTo(1);
    const [own] = await ground().published();
    const text = own!.text.replace('\n1\n', '\n9\n');
    const bus = await ground().as('sealer');
    bus.publish(
      'gov.checkpoint.acme',
      await signText(text, ground().origin, readKeyFile(ground().paths.keyFile('sealer'))),
    );
    await bus.drain();
    await ground().append(ground().decisionSubject, ['more']);
    await until(() => refusals().length > 0);
    expect(refusals()).toEqual(['WRIT-SEA-004']);
    await end();
    // After a new start it is a memory like the others: the ledger is shorter than what was signed.
    await begin();
    expect(refusals()).toEqual(['WRIT-SEA-004', 'WRIT-SEA-003']);
  });

  it('junk on the checkpoint subject is looked past', async () => {
    await ground().genesis();
    await begin();
    await ground().sealedUpTo(1);
    await until(async () => (await ground().published()).length > 0);
    const bus = await ground().as('sealer');
    bus.publish('gov.checkpoint.acme', '{"stream":"GOV_INTENTS","seq":7}');
    await bus.drain();
    await ground().append(ground().decisionSubject, ['more']);
    await ground().sealedUpTo(2);
    await until(async () => (await ground().published()).at(-1)?.checkpoint.size === 2);
    expect(refusals()).toEqual([]);
  });
});
