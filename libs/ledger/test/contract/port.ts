// The contract of the port itself: expectations, batches, reads.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Ledger, NewMessage, StoredMessage } from '../../src/index.js';
import { createWorld } from '../fixtures.js';
import type { Harness } from './harness.js';

const message = (text: string): NewMessage => ({ id: text, bytes: Buffer.from(text) });
const text = ({ bytes }: StoredMessage): string => Buffer.from(bytes).toString();

const stored = async (ledger: Ledger, subject: string, expected: number | 'any', ...texts: string[]) => {
  for (;;) {
    const outcome = await ledger.append({ subject, expected, messages: texts.map(message) });
    if (outcome.kind === 'stored') return outcome.seqs;
    if (outcome.kind !== 'conflict' || outcome.retryAfterMs === 0) throw new Error(JSON.stringify(outcome));
    await sleep(outcome.retryAfterMs);
  }
};

const collect = async (messages: AsyncIterable<StoredMessage>): Promise<StoredMessage[]> => {
  const all: StoredMessage[] = [];
  for await (const item of messages) all.push(item);
  return all;
};

export const portContract = (harness: () => Harness): void => {
  test('an append that expects another last sequence stores nothing', async () => {
    const ledger = await harness().open();
    const { decision } = createWorld().subjects;
    const [first] = await stored(ledger, decision, 0, 'a');
    for (const expected of [0, (first ?? 0) - 1, (first ?? 0) + 1]) {
      const outcome = await ledger.append({ subject: decision, expected, messages: [message('b')] });
      expect(outcome.kind).toBe('conflict');
    }
    expect(await ledger.lastOf(decision)).toBe(first);
    expect((await collect(ledger.load(decision, 0))).map(text)).toEqual(['a']);
    expect((await collect(ledger.load('gov.ledger.>', 0))).map(text)).toEqual(['a']);
  });

  test('a batch is stored whole at consecutive sequences, or not at all', async () => {
    const ledger = await harness().open();
    const { decision } = createWorld().subjects;
    const seqs = await stored(ledger, decision, 0, 'a', 'b', 'c');
    expect(seqs.map((seq) => seq - (seqs[0] ?? 0))).toEqual([0, 1, 2]);
    const outcome = await ledger.append({
      subject: decision,
      expected: 0,
      messages: ['d', 'e'].map(message),
    });
    expect(outcome.kind).toBe('conflict');
    await stored(ledger, decision, seqs[2] ?? 0, 'f', 'g');
    const all = await collect(ledger.load(decision, 0));
    expect(all.map(text)).toEqual(['a', 'b', 'c', 'f', 'g']);
    expect(await ledger.lastOf(decision)).toBe(all.at(-1)?.seq);
  });

  test('a batch of 1,000 is stored and one of 1,001 or none is refused before it is sent', async () => {
    const ledger = await harness().open();
    const { decision } = createWorld().subjects;
    const many = Array.from({ length: 1001 }, (_, index) => message(String(index)));
    for (const messages of [many, []]) {
      const outcome = await ledger.append({ subject: decision, expected: 0, messages });
      expect(outcome).toMatchObject({ kind: 'refused', code: 'WRIT-LED-010' });
    }
    expect(await ledger.lastOf(decision)).toBe(0);
    const outcome = await ledger.append({ subject: decision, expected: 0, messages: many.slice(1) });
    expect(outcome.kind === 'stored' && outcome.seqs.length).toBe(1000);
  });

  test('of many appends with the same expectation exactly one is stored', async () => {
    const ledgers = await Promise.all([harness().open(), harness().open()]);
    const { decision } = createWorld().subjects;
    const attempts = Array.from({ length: 20 }, (_, index) =>
      (ledgers[index % 2] as Ledger).append({
        subject: decision,
        expected: 0,
        messages: [message(`${index}`)],
      }),
    );
    const outcomes = await Promise.all(attempts);
    expect(outcomes.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(19);
    expect(await collect((ledgers[0] as Ledger).load(decision, 0))).toHaveLength(1);
  });

  test('a read gives every message once, in order, and follows what is appended', async () => {
    const ledger = await harness().open();
    const { subjects } = createWorld();
    const [first = 0] = await stored(ledger, subjects.decision, 0, 'a', 'b');
    const controller = new AbortController();
    const seen: StoredMessage[] = [];
    const reading = (async () => {
      for await (const item of ledger.read(first, { signal: controller.signal })) {
        seen.push(item);
        if (seen.length === 5) controller.abort();
      }
    })();
    await stored(ledger, subjects.authority, 0, 'c');
    await stored(ledger, subjects.decision, 'any', 'd', 'e');
    await reading;
    expect(seen.map(text)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(seen.map(({ seq }) => seq - first)).toEqual([0, 1, 2, 3, 4]);
    expect(seen[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await ledger.end()).toBe(first + 4);
  });

  test('a read of some subjects gives those alone', async () => {
    const ledger = await harness().open();
    const { subjects, env } = createWorld();
    const [first = 0] = await stored(ledger, subjects.decision, 0, 'a');
    await stored(ledger, subjects.registry, 0, 'b');
    await stored(ledger, subjects.authority, 0, 'c');
    const controller = new AbortController();
    const seen: string[] = [];
    const options = { subjects: [`gov.ledger.*.${env}`], signal: controller.signal };
    for await (const item of ledger.read(first, options)) {
      seen.push(text(item));
      if (seen.length === 2) controller.abort();
    }
    expect(seen).toEqual(['a', 'c']);
  });

  test('an append whose acknowledgement is lost is ambiguous, and stored', async () => {
    const lossy = await harness().openLossy();
    const { decision } = createWorld().subjects;
    await stored(lossy.ledger, decision, 0, 'a');
    const before = lossy.lost();
    lossy.loseNextAck(decision);
    const expected = await lossy.ledger.lastOf(decision);
    const outcome = await lossy.ledger.append({ subject: decision, expected, messages: [message('b')] });
    expect(outcome.kind).toBe('ambiguous');
    expect(lossy.lost()).toBe(before + 1);
    expect((await collect((await harness().open()).load(decision, 0))).map(text)).toEqual(['a', 'b']);
  });
};
