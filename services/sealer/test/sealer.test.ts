// The sealer on a real bus and a real database: what it seals, what it survives, what it refuses.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extensionOf, hashText, verifyConsistency, verifyInclusion } from '@writ/crypto';
import type { RunningService } from '@writ/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSigned } from '../src/notes.js';
import { allOf, type Ground, naiveRoots, startGround, until } from './ground.js';

let ground: Ground;
let running: RunningService | undefined;

beforeEach(async () => {
  ground = await startGround();
  running = undefined;
});
afterEach(async () => {
  await running?.stop();
  await ground.stop();
});

const junk = (n: number, from = 0): readonly string[] =>
  Array.from({ length: n }, (_, i) => `junk ${from + i}`);

const framed = (agent: string, n: number): string =>
  `{"kid":"${'A'.repeat(43)}","sig":"${'A'.repeat(86)}","signed":{"agent":"${agent}","id":"e${n}"}}`;

const readiness = async (service: RunningService) => {
  const response = await fetch(`http://127.0.0.1:${service.httpPort}/readyz`);
  return { status: response.status, ...((await response.json()) as { checks: Record<string, boolean> }) };
};

const refusals = () =>
  ground.logged.filter(({ event }) => event === 'sealer.refused').map(({ code }) => code);
const noteFile = () => join(ground.paths.sealerDir, 'checkpoint.txt');
const begin = async () => {
  running = await ground.start();
  return running;
};
const end = async () => {
  await running?.stop();
  running = undefined;
};

describe('what it seals', () => {
  it('is every message, junk included, under a note that verifies, in the database, in its file and on the bus', async () => {
    await ground.genesis();
    await ground.append(ground.decisionSubject, [
      'junk',
      framed('acme.shop.prod.bot', 1),
      framed('acme.other.prod.bot', 2),
    ]);
    const service = await begin();
    await ground.sealedUpTo(4);
    await ground.append(ground.decisionSubject, junk(600));
    await ground.sealedUpTo(604);
    const messages = await allOf(ground.ledger());
    const { note } = (await ground.reader.latest())!;
    const { checkpoint } = readSigned(note)!;
    const { root, headsRoot, leaves } = naiveRoots(messages, 604);
    expect(ground.verifies(note, ground.key())).toBe(true);
    expect([checkpoint.origin, checkpoint.size, hashText(checkpoint.root)]).toEqual([
      ground.origin,
      604,
      hashText(root),
    ]);
    expect(extensionOf(checkpoint, 'heads')).toBe(hashText(headsRoot));
    expect(extensionOf(checkpoint, 'time')).toBe(messages[603]!.time);
    expect(readFileSync(noteFile(), 'utf8')).toBe(note);
    expect(statSync(noteFile()).mode & 0o777).toBe(0o600);
    await until(async () => (await ground.published()).at(-1)?.note === note);
    expect((await readiness(service)).status).toBe(200);
    const proof = await ground.reader.inclusion(2, 604);
    expect(verifyInclusion({ leaf: leaves[1]!, index: 1, size: 604, root }, proof)).toBe(true);
    const sizes = (await ground.published()).map((one) => one.checkpoint.size);
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
    for (let i = 1; i < sizes.length; i += 1) expect(sizes[i]! - sizes[i - 1]!).toBeLessThanOrEqual(256);
    const heads = await ground.reader.heads(604);
    expect(heads.find(({ name }) => name.kind === 'agent')).toMatchObject({ count: 1, lastSeq: 3 });
    await expect(ground.reader.heads(603)).rejects.toMatchObject({ code: 'WRIT-SEA-010' });
  });

  it('is sealed within about a second when little happens, and the same note is published again as a heartbeat', async () => {
    await ground.genesis();
    await begin();
    await ground.sealedUpTo(1);
    const began = performance.now();
    await ground.append(ground.decisionSubject, ['one']);
    await ground.sealedUpTo(2);
    expect(performance.now() - began).toBeLessThan(5_000);
    const [first] = await ground.published();
    await end();
    await begin();
    await until(async () => (await ground.published()).length >= 3);
    expect((await ground.published()).at(-1)?.checkpoint.size).toBe(2);
    expect(first?.checkpoint.size).toBe(1);
  });

  it('grows by one tree, however often the process is killed while it seals', async () => {
    await ground.genesis();
    const writing = (async () => {
      for (let n = 0; n < 40; n += 1) {
        await ground.append(ground.decisionSubject, junk(50, n * 50));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    for (let n = 0; n < 4; n += 1) {
      const child = ground.spawn();
      const size = (await ground.reader.latest())?.size ?? 0;
      await until(async () => ((await ground.reader.latest())?.size ?? 0) > size, 40_000);
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    await writing;
    await begin();
    await ground.sealedUpTo(2_001, 40_000);
    const messages = await allOf(ground.ledger());
    const notes = await ground.published();
    expect(notes.length).toBeGreaterThan(5);
    const texts = new Map<number, Set<string>>();
    for (const { checkpoint, text } of notes)
      texts.set(checkpoint.size, (texts.get(checkpoint.size) ?? new Set()).add(text));
    for (const [size, of] of texts) {
      expect(of.size).toBe(1);
      expect(
        hashText(readSigned(notes.find((one) => one.checkpoint.size === size)!.note)!.checkpoint.root),
      ).toBe(hashText(naiveRoots(messages, size).root));
    }
    expect(hashText(await ground.reader.root(2_001))).toBe(hashText(naiveRoots(messages, 2_001).root));
  }, 120_000);
});

/** Copies schema sealer aside, or back: an older dump that is played in. */
const TABLES = ['state', 'tile', 'head', 'checkpoint'];
const dump = async () => {
  await ground.pool.query('create schema kept');
  for (const table of TABLES)
    await ground.pool.query(`create table kept.${table} as select * from sealer.${table}`);
};
const restore = async () => {
  for (const table of TABLES) {
    await ground.pool.query(`truncate sealer.${table}`);
    await ground.pool.query(`insert into sealer.${table} select * from kept.${table}`);
  }
};

describe('a database that is not what it was', () => {
  const sealTwice = async () => {
    await ground.genesis();
    await ground.append(ground.decisionSubject, junk(299));
    await begin();
    await ground.sealedUpTo(300);
    await dump();
    await ground.append(ground.decisionSubject, junk(400, 300));
    await ground.sealedUpTo(700);
    await until(async () => (await ground.published()).at(-1)?.checkpoint.size === 700);
    await end();
  };

  it('that was rolled back is caught up from the ledger, and then it goes on, from the same tree', async () => {
    await sealTwice();
    await restore();
    expect((await ground.reader.latest())?.size).toBe(300);
    const before = readFileSync(noteFile(), 'utf8');
    await begin();
    await ground.sealedUpTo(700);
    expect((await ground.reader.latest())?.note).toBe(before);
    await ground.append(ground.decisionSubject, ['more']);
    await ground.sealedUpTo(701);
    const from = readSigned(before)!.checkpoint;
    const to = readSigned((await ground.reader.latest())!.note)!.checkpoint;
    const trees = { from: 700, fromRoot: from.root, to: 701, toRoot: to.root };
    expect(verifyConsistency(trees, await ground.reader.consistency(700, 701))).toBe(true);
    expect(refusals()).toEqual([]);
  });

  it('that was lost is made anew from the first message, up to what was signed and on', async () => {
    await sealTwice();
    await ground.pool.query('drop schema sealer cascade');
    await expect(ground.start()).rejects.toMatchObject({ code: 'WRIT-SEA-001' });
    await ground.prepare();
    await begin();
    await ground.sealedUpTo(700);
    expect(hashText(await ground.reader.root(700))).toBe(
      hashText(naiveRoots(await allOf(ground.ledger()), 700).root),
    );
    expect((await readiness(running!)).status).toBe(200);
  });

  it('that was lost together with the file is caught up to what GOV_CHECKPOINTS holds', async () => {
    await sealTwice();
    await ground.pool.query('drop schema sealer cascade');
    await ground.prepare();
    rmSync(noteFile());
    await begin();
    await ground.sealedUpTo(700);
    const sizes = (await ground.published()).map((one) => one.checkpoint.size);
    expect(Math.max(...sizes)).toBe(700);
    expect(sizes.at(-1)).toBe(700);
  });

  it('whose tree was changed is refused, and nothing is signed', async () => {
    await sealTwice();
    const before = readFileSync(noteFile(), 'utf8');
    const changed = await ground.pool.query(
      'update sealer.tile set hashes = set_byte(hashes, 5, (get_byte(hashes, 5) + 1) % 256) where level = 1 and index = 0',
    );
    expect(changed.rowCount).toBe(1);
    const service = await begin();
    await ground.append(ground.decisionSubject, ['more']);
    expect(refusals()).toEqual(['WRIT-SEA-005']);
    expect((await readiness(service)).checks['sealing']).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(readFileSync(noteFile(), 'utf8')).toBe(before);
  });

  it('whose heads were changed is refused', async () => {
    await sealTwice();
    await ground.pool.query("update sealer.head set count = count + 1 where kind = 'rest'");
    await begin();
    expect(refusals()).toEqual(['WRIT-SEA-005']);
  });

  it('is not needed to refuse: a rolled back database and a ledger with another message in it do not pass for the old one', async () => {
    await sealTwice();
    await restore();
    const messages = await allOf(ground.ledger());
    await ground.replaceLedger();
    for (const { subject, bytes, seq } of messages)
      await ground.append(subject, [seq === 650 ? 'another' : bytes]);
    await begin();
    await until(() => refusals().length > 0);
    // The server's times are others too, so the first sealed leaf already differs.
    expect(refusals()).toEqual(['WRIT-SEA-002']);
    expect(readSigned(readFileSync(noteFile(), 'utf8'))?.checkpoint.size).toBe(700);
  });
});

describe('a ledger that is not what it was', () => {
  const sealed = async (count: number) => {
    await ground.genesis();
    await ground.append(ground.decisionSubject, junk(count - 1));
    await begin();
    await ground.sealedUpTo(count);
  };

  it('that is shorter than what was signed is refused at the start', async () => {
    await sealed(300);
    await end();
    await ground.replaceLedger();
    await ground.genesis();
    const service = await begin();
    expect(refusals()).toEqual(['WRIT-SEA-003']);
    expect((await readiness(service)).status).toBe(503);
  });

  it('that was replaced by a longer one is refused at the start, also without the database', async () => {
    await sealed(300);
    await end();
    await ground.replaceLedger();
    await ground.genesis();
    await ground.append(ground.decisionSubject, junk(500));
    await begin();
    expect(refusals()).toEqual(['WRIT-SEA-002']);
    await end();
    await ground.pool.query('drop schema sealer cascade');
    await ground.prepare();
    await begin();
    await until(() => refusals().length > 1);
    expect(refusals()).toEqual(['WRIT-SEA-002', 'WRIT-SEA-002']);
    expect(await ground.reader.latest()).toBeUndefined();
  });

  it('that begins with another genesis is refused', async () => {
    await ground.append(ground.registrySubject, ['junk first']);
    await ground.genesis();
    await begin();
    await until(() => refusals().length > 0);
    expect(refusals()).toEqual(['WRIT-SEA-006']);
  });

  it('that is replaced while it runs is refused within seconds, and nothing more is signed', async () => {
    await sealed(300);
    await ground.replaceLedger();
    await ground.genesis();
    await ground.append(ground.decisionSubject, junk(299));
    await until(() => refusals().length > 0);
    expect(['WRIT-SEA-002', 'WRIT-SEA-003']).toContain(refusals()[0]);
    expect((await ground.reader.latest())?.size).toBe(300);
    expect((await readiness(running!)).checks['sealing']).toBe(false);
  });
});

describe('what keeps it from signing twice', () => {
  it('a second sealer is refused while the first one runs, and takes over when it is gone', async () => {
    await ground.genesis();
    await begin();
    await ground.sealedUpTo(1);
    await expect(ground.start()).rejects.toMatchObject({ code: 'WRIT-SEA-004' });
    await end();
    await begin();
    await ground.append(ground.decisionSubject, ['more']);
    await ground.sealedUpTo(2);
  });

  it('a file that is no checkpoint, or one of another ledger, stops it', async () => {
    await ground.genesis();
    await begin();
    await ground.sealedUpTo(1);
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
    await ground.genesis();
    await begin();
    await ground.sealedUpTo(1);
    await end();
    const note = readFileSync(noteFile(), 'utf8');
    const [, , root = ''] = note.split('\n');
    const other = `${root[0] === 'A' ? 'B' : 'A'}${root.slice(1)}`;
    writeFileSync(noteFile(), note.replace(root, other));
    await begin();
    expect(refusals()).toEqual(['WRIT-SEA-002']);
  });

  it('junk on the checkpoint subject is looked past', async () => {
    await ground.genesis();
    await begin();
    await ground.sealedUpTo(1);
    await until(async () => (await ground.published()).length > 0);
    const bus = await ground.as('sealer');
    bus.publish('gov.checkpoint.acme', '{"stream":"GOV_INTENTS","seq":7}');
    await bus.drain();
    await ground.append(ground.decisionSubject, ['more']);
    await ground.sealedUpTo(2);
    await until(async () => (await ground.published()).at(-1)?.checkpoint.size === 2);
    expect(refusals()).toEqual([]);
  });
});
