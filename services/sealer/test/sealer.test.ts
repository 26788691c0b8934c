// What the sealer seals, on a real bus and a real database, and that killing it changes nothing.
import { readFileSync, statSync } from 'node:fs';
import { extensionOf, hashText, verifyInclusion } from '@writ/crypto';
import { describe, expect, it } from 'vitest';
import { readSigned } from '../src/notes.js';
import { allOf, naiveRoots, until } from './ground.js';
import { framed, junk, readiness, standing } from './standing.js';

const { begin, end, ground, noteFile } = standing();

describe('what it seals', () => {
  it('is every message, junk included, under a note that verifies, in the database, in its file and on the bus', async () => {
    await ground().genesis();
    await ground().append(ground().decisionSubject, [
      'junk',
      framed('acme.shop.prod.bot', 1),
      framed('acme.other.prod.bot', 2),
    ]);
    const service = await begin();
    await ground().sealedUpTo(4);
    await ground().append(ground().decisionSubject, junk(600));
    await ground().sealedUpTo(604);
    const messages = await allOf(ground().ledger());
    const { note } = (await ground().reader.latest())!;
    const { checkpoint } = readSigned(note)!;
    const { root, headsRoot, leaves } = naiveRoots(messages, 604);
    expect(ground().verifies(note, ground().key())).toBe(true);
    expect([checkpoint.origin, checkpoint.size, hashText(checkpoint.root)]).toEqual([
      ground().origin,
      604,
      hashText(root),
    ]);
    expect(extensionOf(checkpoint, 'heads')).toBe(hashText(headsRoot));
    expect(extensionOf(checkpoint, 'time')).toBe(messages[603]!.time);
    expect(readFileSync(noteFile(), 'utf8')).toBe(note);
    expect(statSync(noteFile()).mode & 0o777).toBe(0o600);
    await until(async () => (await ground().published()).at(-1)?.note === note);
    expect((await readiness(service)).status).toBe(200);
    const proof = await ground().reader.inclusion(2, 604);
    expect(verifyInclusion({ leaf: leaves[1]!, index: 1, size: 604, root }, proof)).toBe(true);
    const sizes = (await ground().published()).map((one) => one.checkpoint.size);
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
    const heads = await ground().reader.heads(604);
    expect(heads.find(({ name }) => name.kind === 'agent')).toMatchObject({ count: 1, lastSeq: 3 });
    await expect(ground().reader.heads(603)).rejects.toMatchObject({ code: 'WRIT-SEA-010' });
  });

  it('is sealed within about a second when little happens, and a new start publishes the last note again', async () => {
    await ground().genesis();
    await begin();
    await ground().sealedUpTo(1);
    const began = performance.now();
    await ground().append(ground().decisionSubject, ['one']);
    await ground().sealedUpTo(2);
    expect(performance.now() - began).toBeLessThan(5_000);
    const [first] = await ground().published();
    await end();
    await begin();
    await until(async () => (await ground().published()).length >= 3);
    expect((await ground().published()).at(-1)?.checkpoint.size).toBe(2);
    expect(first?.checkpoint.size).toBe(1);
  });

  it('grows by one tree, however often the process is killed while it seals', async () => {
    await ground().genesis();
    const writing = (async () => {
      for (let n = 0; n < 40; n += 1) {
        await ground().append(ground().decisionSubject, junk(50, n * 50));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    for (let n = 0; n < 4; n += 1) {
      const child = ground().spawn();
      const size = (await ground().reader.latest())?.size ?? 0;
      await until(async () => ((await ground().reader.latest())?.size ?? 0) > size, 40_000);
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    await writing;
    await begin();
    await ground().sealedUpTo(2_001, 40_000);
    const messages = await allOf(ground().ledger());
    const notes = await ground().published();
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
    expect(hashText(await ground().reader.root(2_001))).toBe(hashText(naiveRoots(messages, 2_001).root));
  }, 120_000);
});
