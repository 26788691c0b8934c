// The sealer and a database that was rolled back, lost or changed: it catches up from the ledger, or refuses.
import { readFileSync, rmSync } from 'node:fs';
import { hashText, verifyConsistency } from '@writ/crypto';
import { describe, expect, it } from 'vitest';
import { readSigned } from '../src/notes.js';
import { allOf, naiveRoots, until } from './ground.js';
import { junk, readiness, standing } from './standing.js';

const { begin, end, ground, noteFile, refusals, running } = standing();

/** Copies schema sealer aside, or back: an older dump that is played in. */
const TABLES = ['state', 'tile', 'head', 'checkpoint'];
const dump = async () => {
  await ground().pool.query('create schema kept');
  for (const table of TABLES)
    await ground().pool.query(`create table kept.${table} as select * from sealer.${table}`);
};
const restore = async () => {
  for (const table of TABLES) {
    await ground().pool.query(`truncate sealer.${table}`);
    await ground().pool.query(`insert into sealer.${table} select * from kept.${table}`);
  }
};

describe('a database that is not what it was', () => {
  const sealTwice = async () => {
    await ground().genesis();
    await ground().append(ground().decisionSubject, junk(299));
    await begin();
    await ground().sealedUpTo(300);
    await dump();
    await ground().append(ground().decisionSubject, junk(400, 300));
    await ground().sealedUpTo(700);
    await until(async () => (await ground().published()).at(-1)?.checkpoint.size === 700);
    await end();
  };

  it('that was rolled back is caught up from the ledger, and then it goes on, from the same tree', async () => {
    await sealTwice();
    await restore();
    expect((await ground().reader.latest())?.size).toBe(300);
    const before = readFileSync(noteFile(), 'utf8');
    await begin();
    await ground().sealedUpTo(700);
    expect((await ground().reader.latest())?.note).toBe(before);
    await ground().append(ground().decisionSubject, ['more']);
    await ground().sealedUpTo(701);
    const from = readSigned(before)!.checkpoint;
    const to = readSigned((await ground().reader.latest())!.note)!.checkpoint;
    const trees = { from: 700, fromRoot: from.root, to: 701, toRoot: to.root };
    expect(verifyConsistency(trees, await ground().reader.consistency(700, 701))).toBe(true);
    expect(refusals()).toEqual([]);
  });

  it('that was lost is made anew from the first message, up to what was signed and on', async () => {
    await sealTwice();
    await ground().pool.query('drop schema sealer cascade');
    await expect(ground().start()).rejects.toMatchObject({ code: 'WRIT-SEA-001' });
    await ground().prepare();
    await begin();
    await ground().sealedUpTo(700);
    expect(hashText(await ground().reader.root(700))).toBe(
      hashText(naiveRoots(await allOf(ground().ledger()), 700).root),
    );
    expect((await readiness(running())).status).toBe(200);
  });

  it('that was lost together with the file is caught up to what GOV_CHECKPOINTS holds', async () => {
    await sealTwice();
    await ground().pool.query('drop schema sealer cascade');
    await ground().prepare();
    rmSync(noteFile());
    await begin();
    await ground().sealedUpTo(700);
    const sizes = (await ground().published()).map((one) => one.checkpoint.size);
    expect(Math.max(...sizes)).toBe(700);
    expect(sizes.at(-1)).toBe(700);
  });

  it('whose tree was changed is refused, and nothing is signed', async () => {
    await sealTwice();
    const before = readFileSync(noteFile(), 'utf8');
    const changed = await ground().pool.query(
      'update sealer.tile set hashes = set_byte(hashes, 5, (get_byte(hashes, 5) + 1) % 256) where level = 1 and index = 0',
    );
    expect(changed.rowCount).toBe(1);
    const service = await begin();
    await ground().append(ground().decisionSubject, ['more']);
    expect(refusals()).toEqual(['WRIT-SEA-005']);
    expect((await readiness(service)).checks['sealing']).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(readFileSync(noteFile(), 'utf8')).toBe(before);
  });

  it('whose heads were changed is refused', async () => {
    await sealTwice();
    await ground().pool.query("update sealer.head set count = count + 1 where kind = 'rest'");
    await begin();
    expect(refusals()).toEqual(['WRIT-SEA-005']);
  });

  it('is not needed to refuse: a rolled back database and a ledger with another message in it do not pass for the old one', async () => {
    await sealTwice();
    await restore();
    const messages = await allOf(ground().ledger());
    await ground().replaceLedger();
    for (const { subject, bytes, seq } of messages)
      await ground().append(subject, [seq === 650 ? 'another' : bytes]);
    await begin();
    await until(() => refusals().length > 0);
    // The server's times are others too, so the first sealed leaf already differs.
    expect(refusals()).toEqual(['WRIT-SEA-002']);
    expect(readSigned(readFileSync(noteFile(), 'utf8'))?.checkpoint.size).toBe(700);
  });
});
