// What a preparing thread does, without the thread: packed, prepared with the keys told so far, unpacked, and judged the same.
import type { Kid } from '@writ/contracts';
import type { PublicKey } from '@writ/crypto';
import { expect, test } from 'vitest';
import { packMessages, prepareChunk, unpackAnswer } from '../src/frames/chunk.js';
import { type Preparer, type StoredMessage, verifyLedger } from '../src/index.js';
import { ORG, type TestLedger } from './story/ledger.js';
import { certifySealer, sealed } from './story/sealing.js';
import { day } from './story/story.js';
import { DECISIONS, edited, of } from './story/tampering.js';
import { stream } from './story/verifying.js';

/** Everything in chunks of `size`, prepared before the first of a chunk is judged, as a thread does it. */
const chunked = (size: number): Preparer =>
  async function* (messages, find) {
    const known = new Map<Kid, PublicKey>();
    const asked = new Set<Kid>();
    const all: StoredMessage[] = [];
    for await (const message of messages) all.push(message);
    for (let from = 0; from < all.length; from += size) {
      const chunk = all.slice(from, from + size);
      const keys = [...asked].flatMap((kid) => {
        const key = find(kid);
        return key === undefined ? [] : [[kid, key.x] as const];
      });
      const answer = await prepareChunk(structuredClone(packMessages(chunk, keys)), known);
      for (const kid of answer.missing) asked.add(kid);
      yield* unpackAnswer(chunk, structuredClone(answer));
    }
  };

const ledger: TestLedger = day();
certifySealer(ledger);

const judge = (messages: readonly StoredMessage[], preparer?: Preparer) =>
  verifyLedger(stream(messages), {
    ...{ org: ORG, roots: ledger.roots(), complete: true },
    ...{ checkpoint: sealed(ledger), preparer },
  });

test.each([1, 7, 1_000])('in chunks of %i an honest ledger is judged as without', async (size) => {
  const report = await judge(ledger.messages, chunked(size));
  expect(report).toEqual(await judge(ledger.messages));
  expect(report.record.verdict).toBe('SEALED');
  expect(report.findings).toEqual([]);
});

test('in chunks a ledger with an altered frame is judged as without', async () => {
  const victim = of(ledger, DECISIONS)[1]!;
  for (const edit of [
    (text: string) => text.replace('"specversion":"1.0"', '"specversion":"1.1"'),
    (text: string) => text.slice(0, 400),
    (text: string) => text.replace('"sig":"', '"sig":"A'),
  ]) {
    const messages = edited(ledger, victim.seq, edit);
    const report = await judge(messages, chunked(16));
    expect(report).toEqual(await judge(messages));
    expect(report.record.verdict).toBe('INVALID');
  }
});
