// The mark of one service over a ledger in memory: what is another ledger and what is not, and which decision counts.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { livePayloadType } from '@writ/contracts';
import {
  generateKeyPair,
  ledgerLeafHash,
  rootOfLeaves,
  signFrame,
  toBase64url,
  ZERO_DIGEST,
} from '@writ/crypto';
import { registryInitial } from '@writ/domain';
import { createMemoryLedger, type Follower, type Ledger, type LedgerEvent } from '@writ/ledger';
import { beforeEach, expect, it } from 'vitest';
import { type AdoptionView, judgeAdoption } from '../src/plane/ledger-adoption.js';
import { beginsAs } from '../src/plane/ledger-look.js';
import { watchMark } from '../src/plane/ledger-mark.js';
import { readLedgerMark } from '../src/plane/mark-file.js';
import { uuidv7 } from '../src/uuidv7.js';
import { tempDir } from './temp-dir.js';

const root = generateKeyPair();
const view: AdoptionView = {
  org: 'acme',
  roots: [{ kid: root.kid, x: root.x }],
  registry: () => registryInitial,
};
const NOON = '2026-01-01T12:00:00.000Z';
const LATER = '2026-01-01T13:00:00.000Z';
const LATEST = '2026-01-01T14:00:00.000Z';
const SUBJECT = 'gov.ledger.decision.acme.shop.prod';

let files: { readonly mark: string; readonly adoption: string };
beforeEach(() => {
  const dir = tempDir();
  files = { mark: join(dir, 'x.mark.json'), adoption: join(dir, 'adoption.message') };
});

const ledgerOf = async (...words: readonly string[]): Promise<Ledger> => {
  const ledger = createMemoryLedger({ now: () => NOON });
  for (const word of words)
    await ledger.append({
      subject: SUBJECT,
      expected: 'any',
      messages: [{ id: word, bytes: Buffer.from(word) }],
    });
  return ledger;
};
const messagesOf = async (ledger: Ledger) => {
  const all = [];
  for await (const message of ledger.load('gov.ledger.>', 0)) all.push(message);
  return all;
};
const treeOf = async (ledger: Ledger) => {
  const messages = await messagesOf(ledger);
  return {
    end: messages.length,
    root: toBase64url(rootOfLeaves(messages.map((message) => ledgerLeafHash(message)))),
  };
};

/** A service that has folded the ledger to its end; `opens` are the words that it takes for events. */
const service = async (ledger: Ledger, of = 'all', opens: (word: string) => boolean = () => true) => {
  let listener: (event: LedgerEvent) => void = () => undefined;
  let position = 0;
  const follower = {
    position: () => position,
    listen: (handler: typeof listener) => {
      listener = handler;
      return () => undefined;
    },
  } as unknown as Follower;
  const mark = watchMark({ follower, ledger, of: () => of, files }, view);
  const read = async (): Promise<void> => {
    for (const { seq, bytes } of (await messagesOf(ledger)).slice(position)) {
      position = seq;
      const word = Buffer.from(bytes).toString();
      const digest = toBase64url(ledgerLeafHash({ seq: 1, subject: '', time: '', bytes }));
      if (opens(word)) listener({ seq, digest, family: 'decision', void: false } as LedgerEvent);
    }
  };
  await read();
  return { mark, read };
};
const knew = async (...words: readonly string[]): Promise<void> =>
  (await service(await ledgerOf(...words))).mark.check(NOON);
const check = async (ledger: Ledger, now = LATEST) => (await service(ledger)).mark.check(now);
const REFUSED = (reason: RegExp) => ({ code: 'WRIT-LED-013', reason: expect.stringMatching(reason) });

const adopt = (
  ledger: { end: number; root: string },
  time = LATER,
  expires = '2026-01-02T00:00:00.000Z',
): void => {
  const action = { do: 'adopt-ledger', ledger, reason: { _sd: [] } };
  const data = { action, version: 0, expires };
  const document = {
    ...{ type: 'writ.command.v1', id: uuidv7(), kid: root.kid, time, data },
    subject: 'gov.command.registry.acme.root',
  };
  writeFileSync(files.adoption, signFrame(livePayloadType('command'), document as never, root));
};

it('a service that was never here takes the ledger that there is, and writes down what it found', async () => {
  await knew('a', 'b');
  expect(readLedgerMark(files.mark)).toMatchObject({ end: 2, at: NOON, adopted: null });
});

it('the same ledger, and one that has gone on, are not another', async () => {
  await knew('a', 'b');
  await check(await ledgerOf('a', 'b'));
  await check(await ledgerOf('a', 'b', 'c'));
  expect(readLedgerMark(files.mark)).toMatchObject({ end: 3 });
});

it.each([
  ['that ends earlier', ['a'], /ends at 1, it was known up to 2/],
  ['that is empty', [], /ends at 0/],
  ['whose last message is another', ['a', 'x'], /message 2 is not/],
  ['that is longer and another', ['a', 'x', 'c'], /message 2 is not/],
  ['whose earlier event is another', ['x', 'b'], /an event before 3 is not/],
])('a ledger %s is refused, and the mark stays as it was', async (_, words, reason) => {
  await knew('a', 'b');
  const before = readFileSync(files.mark, 'utf8');
  await expect(check(await ledgerOf(...words))).rejects.toMatchObject(REFUSED(reason));
  expect(readFileSync(files.mark, 'utf8')).toBe(before);
});

it('a service that opens other events after an upgrade compares the place, not the running digest', async () => {
  await knew('a', 'b');
  const upgraded = await service(await ledgerOf('a', 'b'), 'only b', (word) => word === 'b');
  await upgraded.mark.check(LATER);
  const shorter = await service(await ledgerOf('a'), 'all again');
  await expect(shorter.mark.check(LATER)).rejects.toMatchObject(REFUSED(/ends at 1/));
});

it('a mark that cannot be read is no ledger that was known: it takes a decision too', async () => {
  writeFileSync(files.mark, '{"end":');
  const ledger = await ledgerOf('a');
  await expect(check(ledger)).rejects.toMatchObject(REFUSED(/cannot be read/));
  adopt(await treeOf(ledger), '2999-01-01T00:00:00.000Z', '2999-01-02T00:00:00.000Z');
  await check(ledger);
  expect(readLedgerMark(files.mark)).toMatchObject({ end: 1 });
});

it('an adopted ledger is taken, once, and what comes after it is known', async () => {
  await knew('a', 'b', 'c');
  const ledger = await ledgerOf('a');
  adopt(await treeOf(ledger));
  await check(ledger);
  const grown = await ledgerOf('a', 'x', 'y');
  await check(grown);
  await expect(check(ledger, '2026-01-01T15:00:00.000Z')).rejects.toMatchObject(REFUSED(/earlier ledger/));
});

it('a decision with a clock that runs ahead counts for one ledger all the same', async () => {
  await knew('a', 'b', 'c');
  const ledger = await ledgerOf('a');
  adopt(await treeOf(ledger), '2999-01-01T00:00:00.000Z', '2999-01-02T00:00:00.000Z');
  await check(ledger);
  await check(await ledgerOf('a', 'x'));
  await expect(check(ledger)).rejects.toMatchObject(REFUSED(/earlier ledger/));
});

it('a decision that the service saw while it knew the ledger does not count for a later loss', async () => {
  await knew('a');
  const ledger = await ledgerOf('a');
  adopt(await treeOf(ledger), '2999-01-01T00:00:00.000Z', '2999-01-02T00:00:00.000Z');
  await check(await ledgerOf('a', 'b', 'c'));
  await expect(check(ledger)).rejects.toMatchObject(REFUSED(/earlier ledger/));
});

it.each([
  ['older than the mark', '2026-01-01T11:00:00.000Z', undefined, 'a', /older than what was known/],
  ['expired', LATER, '2026-01-01T13:30:00.000Z', 'a', /expired/],
  ['of other messages', LATER, undefined, 'x', /other messages/],
])('a decision that is %s does not count', async (_, time, expires, word, reason) => {
  await knew('a', 'b', 'c');
  adopt(await treeOf(await ledgerOf(word)), time, expires);
  await expect(check(await ledgerOf('a', 'b'))).rejects.toMatchObject(REFUSED(reason));
});

it('a root counts alone only where one is enough, and a key that nobody knows never', async () => {
  adopt({ end: 0, root: ZERO_DIGEST });
  const frame = readFileSync(files.adoption);
  expect(judgeAdoption(frame, view)).toMatchObject({ author: { kind: 'root' } });
  expect(judgeAdoption(frame, { ...view, threshold: 2 })).toMatch(/alone/);
  expect(judgeAdoption(frame, { ...view, roots: [] })).toMatch(/not signed by/);
  frame.writeUInt8((frame.at(-10) as number) ^ 1, frame.length - 10);
  expect(judgeAdoption(frame, view)).toMatch(/not signed by/);
});

it('while it runs, a message that is gone or another is found, and the mark is not moved', async () => {
  let ledger = await ledgerOf('a', 'b');
  const now = new Proxy({} as Ledger, { get: (_, name: keyof Ledger) => ledger[name] });
  const { mark, read } = await service(now);
  await mark.check(NOON);
  ledger = await ledgerOf('a', 'b', 'c');
  await read();
  await mark.keep(LATER);
  const before = readFileSync(files.mark, 'utf8');
  expect(JSON.parse(before)).toMatchObject({ end: 3 });
  ledger = await ledgerOf('a');
  await expect(mark.keep(LATEST)).rejects.toMatchObject({
    code: 'WRIT-LED-006',
    reason: expect.stringContaining('3'),
  });
  ledger = await ledgerOf('x', 'b', 'c');
  await expect(mark.keep(LATEST)).rejects.toMatchObject({
    code: 'WRIT-LED-006',
    reason: expect.stringContaining('1'),
  });
  expect(readFileSync(files.mark, 'utf8')).toBe(before);
});

it('a bus that does not answer says nothing about the ledger while it runs, and nothing starts with it', async () => {
  let ledger: Ledger = await ledgerOf('a');
  const now = new Proxy({} as Ledger, { get: (_, name: keyof Ledger) => ledger[name] });
  const { mark } = await service(now);
  await mark.check(NOON);
  const starting = await service(now);
  const load: Ledger['load'] = () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('down')) }),
  });
  ledger = { ...ledger, load };
  await mark.keep(LATER);
  expect(existsSync(files.mark)).toBe(true);
  await expect(starting.mark.check(LATER)).rejects.toMatchObject({ code: 'WRIT-RUN-006' });
});

it('whether a ledger begins as the adopted one is judged by its tree, not beyond', async () => {
  const ledger = await ledgerOf('a', 'b', 'c');
  const follower = { position: () => 3 } as Follower;
  const adopted = await treeOf(await ledgerOf('a', 'b'));
  expect(await beginsAs({ follower, ledger }, adopted)).toBeUndefined();
  expect(await beginsAs({ follower, ledger }, { ...adopted, end: 1 })).toMatch(/other messages/);
  expect(await beginsAs({ follower, ledger }, { ...adopted, end: 4 })).toMatch(/ended at 4/);
});
