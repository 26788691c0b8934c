// Reading the ledger from the account READERS, on a real nats-server: order, tail, crashes, spoofed headers, lost messages.
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { Services } from '@writ/contracts';
import { LedgerGapError, type StoredMessage } from '@writ/ledger';
import { beforeAll, expect, test } from 'vitest';
import {
  connectBus,
  createReaderLedger,
  type NatsServer,
  type ReaderLedger,
  type Roster,
  serverConfig,
  startNatsServer,
} from '../src/index.js';
import { afterwards, tempDir } from './temp-dir.js';

const SUBJECT = 'gov.ledger.decision.acme.shop.prod';
const user = () => {
  const pair = createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), nkey: pair.getPublicKey() };
};
const users = Object.fromEntries([...Services, 'bootstrap', 'ada'].map((name) => [name, user()]));
const nkey = (name: string) => users[name]?.nkey ?? '';
const roster: Roster = {
  version: 1,
  org: 'acme',
  bootstrap: nkey('bootstrap'),
  services: Object.fromEntries(Services.map((name) => [name, nkey(name)])) as Roster['services'],
  agents: [],
  enforcementPoints: [],
  people: [],
  auditors: [{ auditor: 'ada', nkey: nkey('ada') }],
};

let server: NatsServer;
let decision: NatsConnection;
let ada: NatsConnection;
let reader: ReaderLedger;

const connect = (name: string) =>
  connectBus({ url: server.url, seed: users[name]?.seed ?? '', inboxPrefix: `_INBOX.${name}`, name });

const api = async (verb: string, body: object): Promise<void> => {
  const bootstrap = await connect('bootstrap');
  const answer = await bootstrap.request(`$JS.API.STREAM.${verb}.GOV_LEDGER`, JSON.stringify(body));
  expect(answer.json<{ error?: object }>().error).toBeUndefined();
  await bootstrap.close();
};

const STREAM = { name: 'GOV_LEDGER', subjects: ['gov.ledger.>'], storage: 'file', allow_direct: true };

beforeAll(async () => {
  const storeDir = join(tempDir(), 'store');
  server = await startNatsServer({ storeDir, config: serverConfig(roster, { storeDir, port: -1 }) });
  afterwards(() => server.stop());
  await api('CREATE', STREAM);
  [decision, ada] = [await connect('decision'), await connect('ada')];
  afterwards(async () => void (await Promise.all([decision.close(), ada.close()])));
  reader = createReaderLedger(ada, { inboxPrefix: '_INBOX.ada', timeoutMs: 1000 });
});

/** Resolves when the connection has found its server again. */
const back = async (connection: NatsConnection): Promise<void> => {
  while (
    !(await connection.flush().then(
      () => true,
      () => false,
    ))
  )
    await new Promise((r) => setTimeout(r, 20));
};

/** Publishes without waiting for each; resolves when all are stored. */
const publish = async (count: number, size = 500): Promise<void> => {
  const before = await reader.end();
  for (let n = 1; n <= count; n += 1) decision.publish(SUBJECT, `${before + n} `.padEnd(size, 'x'));
  await decision.flush();
  while ((await reader.end()) < before + count) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Reads until `end`, checking that every message says its own sequence. */
const readTo = async (source: AsyncIterable<StoredMessage>, from: number, end: number): Promise<void> => {
  let next = from;
  for await (const message of source) {
    expect([message.seq, Number.parseInt(Buffer.from(message.bytes).toString(), 10)]).toEqual([next, next]);
    expect(message.subject).toBe(SUBJECT);
    expect(message.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    next += 1;
    if (next > end) return;
  }
  throw new Error(`the read ended before ${end}`);
};

test('every message is read once, in order, from any sequence, over many batches', async () => {
  expect(await reader.end()).toBe(0);
  await publish(2300);
  await readTo(reader.read(1), 1, 2300);
  await readTo(reader.read(1777), 1777, 2300);
  expect((await reader.at(7))?.seq).toBe(7);
  expect(await reader.at(2301)).toBeUndefined();
});

test('a message that comes while the reader waits at the end arrives within 100 ms', async () => {
  const end = await reader.end();
  const source = reader.read(end + 1)[Symbol.asyncIterator]();
  const coming = source.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const sent = performance.now();
  decision.publish(SUBJECT, `${end + 1} `);
  const { value } = await coming;
  expect(value?.seq).toBe(end + 1);
  expect(performance.now() - sent).toBeLessThan(150);
  await source.return?.();
});

test('a reader goes on without a gap or a repeat when the server is killed and restarted twice', async () => {
  const from = (await reader.end()) + 1;
  const reading = readTo(reader.read(from), from, from + 899);
  for (let round = 0; round < 3; round += 1) {
    await publish(300);
    if (round < 2) {
      await server.kill();
      await server.restart();
      await Promise.all([back(decision), back(ada)]);
    }
  }
  await reading;
});

test('headers that a writer forges change nothing of what a reader sees', async () => {
  const before = await reader.end();
  const forged = headers();
  for (const [name, value] of [
    ['Nats-Sequence', '1'],
    ['Nats-Subject', 'gov.ledger.registry.acme'],
    ['Nats-Time-Stamp', '2020-01-01T00:00:00Z'],
    ['Nats-Last-Sequence', '0'],
    ['Status', '404'],
  ] as const)
    forged.set(name, value);
  decision.publish(SUBJECT, `${before + 1} `, { headers: forged });
  await decision.flush();
  await publish(3);
  await readTo(reader.read(before + 1), before + 1, before + 4);
  expect((await reader.at(before + 1))?.subject).toBe(SUBJECT);
});

test('a read ends when its signal aborts, also in the middle of a batch and at the end', async () => {
  const stop = new AbortController();
  let count = 0;
  for await (const _message of reader.read(1, { signal: stop.signal })) {
    count += 1;
    if (count === 10) stop.abort();
  }
  expect(count).toBe(10);
  const idle = new AbortController();
  const source = reader.read((await reader.end()) + 1, { signal: idle.signal })[Symbol.asyncIterator]();
  const next = source.next();
  setTimeout(() => idle.abort(), 50);
  expect(await next).toMatchObject({ done: true });
});

test('a reader without the permission is told so instead of waiting for ever', async () => {
  const stranger = createReaderLedger(decision, { inboxPrefix: '_INBOX.decision', timeoutMs: 200 });
  await expect(stranger.end()).rejects.toThrow(/[Pp]ermission/);
  const source = stranger.read(1)[Symbol.asyncIterator]();
  await expect(source.next()).rejects.toThrow(/[Pp]ermission/);
});

test('a ledger that was cut off at the head or at the end is refused, not read on', async () => {
  const end = await reader.end();
  const ahead = reader.read(end + 10)[Symbol.asyncIterator]();
  await expect(ahead.next()).rejects.toThrow(LedgerGapError);
  await api('UPDATE', { ...STREAM, max_msgs: 5 });
  const cut = reader.read(1)[Symbol.asyncIterator]();
  await expect(cut.next()).rejects.toThrow(LedgerGapError);
  await readTo(reader.read(end - 4), end - 4, end);
});
