// Readers on three nodes: direct gets are answered by any replica, across accounts, also while a node is gone.
import { createUser } from '@nats-io/nkeys';
import type { NatsConnection } from '@nats-io/transport-node';
import { Services } from '@writ/contracts';
import { createJetStreamLedger, ensureStreams } from '@writ/ledger';
import { beforeAll, expect, test } from 'vitest';
import {
  accountsConfig,
  connectBus,
  createReaderLedger,
  type NatsCluster,
  type Roster,
  startNatsCluster,
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

let cluster: NatsCluster;

const connect = async (name: string, urls: readonly string[]): Promise<NatsConnection> => {
  const seed = users[name]?.seed ?? '';
  const connection = await connectBus({ url: urls, seed, inboxPrefix: `_INBOX.${name}`, name });
  afterwards(() => connection.close());
  return connection;
};

beforeAll(async () => {
  cluster = await startNatsCluster(3, { dir: tempDir(), config: accountsConfig(roster) });
  afterwards(() => cluster.stop());
  const bootstrap = await connect('bootstrap', cluster.urls);
  expect(await ensureStreams(bootstrap, { replicas: 3 })).toEqual({ kind: 'ready' });
});

test('a reader on each node reads all of a replicated ledger, and goes on when a node dies', async () => {
  const decision = await connect('decision', cluster.urls.slice(0, 2));
  const ledger = createJetStreamLedger({ connection: decision, ackInbox: '_INBOX.decision.ack' });
  let last = 0;
  let target = Number.POSITIVE_INFINITY;
  const append = async (count: number): Promise<void> => {
    const messages = Array.from({ length: count }, (_, n) => ({ id: `m${n}`, bytes: Buffer.from(`${n}`) }));
    for (;;) {
      const stored = await ledger.append({ subject: SUBJECT, expected: last, messages });
      if (stored.kind === 'stored') last = stored.seqs.at(-1) ?? last;
      if (stored.kind === 'stored') return;
      await new Promise((resolve) => setTimeout(resolve, 100));
      last = await ledger.lastOf(SUBJECT).catch(() => last);
    }
  };
  const readAll = async (urls: readonly string[]): Promise<number[]> => {
    const connection = await connect('ada', urls);
    const reader = createReaderLedger(connection, { inboxPrefix: '_INBOX.ada' });
    const seqs: number[] = [];
    for await (const { seq } of reader.read(1)) {
      seqs.push(seq);
      if (seq === target) return seqs;
    }
    return seqs;
  };
  await append(700);
  const readers = [0, 1].map((node) => readAll(cluster.urls.slice(node, node + 1)));
  await cluster.nodes[2]?.kill();
  for (let round = 0; round < 4; round += 1) await append(100);
  target = last + 1;
  await append(1);
  for (const seqs of await Promise.all(readers))
    expect(seqs).toEqual(Array.from({ length: target }, (_, index) => index + 1));
});
