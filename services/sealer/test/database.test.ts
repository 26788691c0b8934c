// The sealer and a database that was rolled back, lost or changed: it believes the ledger and what it signed, and nothing else.
import { readFileSync, rmSync } from 'node:fs';
import {
  extensionOf,
  hashText,
  headLeaves,
  headsRootOf,
  type NamedHead,
  verifyConsistency,
} from '@writ/crypto';
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

type HeadRow = { kind: 'subject' | 'rest'; subject: string; count: string; last_seq: string; head: string };
const headOf = ({ kind, subject, count, last_seq, head }: HeadRow): NamedHead => ({
  name: { kind, subject },
  count: Number(count),
  lastSeq: Number(last_seq),
  head: head as NamedHead['head'],
});

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

  /** The next checkpoint says what the ledger says, and what was signed before was signed again by nobody. */
  const isSealedFromTheLedger = async () => {
    const before = readFileSync(noteFile(), 'utf8');
    await begin();
    await ground().append(ground().decisionSubject, ['more']);
    await ground().sealedUpTo(701);
    const { checkpoint } = readSigned((await ground().reader.latest())!.note)!;
    const expected = naiveRoots(await allOf(ground().ledger()), 701);
    expect(extensionOf(checkpoint, 'heads')).toBe(hashText(expected.headsRoot));
    expect(hashText(checkpoint.root)).toBe(hashText(expected.root));
    expect(hashText(headsRootOf(headLeaves(await ground().reader.heads(701))))).toBe(
      hashText(expected.headsRoot),
    );
    expect((await ground().reader.at(700))?.note).toBe(before);
    expect(refusals()).toEqual([]);
    expect(discarded()).toEqual(['WRIT-SEA-005']);
  };
  const discarded = () =>
    ground()
      .logged.filter(({ event }) => event === 'sealer.discarded')
      .map(({ code }) => code);

  it('whose tree was changed is thrown away, and the ledger is asked', async () => {
    await sealTwice();
    const changed = await ground().pool.query(
      'update sealer.tile set hashes = set_byte(hashes, 5, (get_byte(hashes, 5) + 1) % 256) where level = 1 and index = 0',
    );
    expect(changed.rowCount).toBe(1);
    await isSealedFromTheLedger();
  });

  it('whose heads were changed is thrown away, also when their root was changed with them', async () => {
    await sealTwice();
    await ground().pool.query("update sealer.head set count = count - 1 where kind = 'rest' and count > 1");
    const { rows } = await ground().pool.query<HeadRow>('select * from sealer.head where until is null');
    const forged = headsRootOf(headLeaves(rows.map(headOf)));
    await ground().pool.query('update sealer.state set heads_root = $1', [forged]);
    await isSealedFromTheLedger();
  });

  it('that is ahead of what was signed is thrown away: the process died in between, or someone pushed it', async () => {
    await sealTwice();
    await ground().append(ground().decisionSubject, ['unsigned']);
    const [note, kept] = [readFileSync(noteFile(), 'utf8'), (await ground().reader.latest())!.note];
    expect(kept).toBe(note);
    await ground().pool.query(
      "update sealer.state set size = 701, subject = 'gov.ledger.stop.acme.shop.prod'",
    );
    await begin();
    await ground().sealedUpTo(701);
    const { checkpoint } = readSigned((await ground().reader.latest())!.note)!;
    expect(hashText(checkpoint.root)).toBe(hashText(naiveRoots(await allOf(ground().ledger()), 701).root));
    expect([refusals(), discarded()]).toEqual([[], ['WRIT-SEA-005']]);
  });

  it('with a checkpoint in it that nobody signed goes no further than the ledger: refused', async () => {
    await sealTwice();
    await ground().append(ground().decisionSubject, ['more']);
    const forged = readFileSync(noteFile(), 'utf8').replace('\n700\n', '\n701\n');
    await ground().pool.query('insert into sealer.checkpoint (size, note) values (701, $1)', [forged]);
    await ground().pool.query('update sealer.state set size = 701');
    await begin();
    await until(() => refusals().length > 0);
    expect(refusals()).toEqual(['WRIT-SEA-002']);
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
