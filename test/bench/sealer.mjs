// The sealer against the raw rate of hashing the same messages into the same tree, on one core; and a proof for one of a million.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  appendLeaves,
  EMPTY_RANGE,
  generateKeyPair,
  leafHash,
  ledgerOrigin,
  sha256,
  verifyInclusion,
} from '@writ/crypto';
import {
  connectPostgres,
  createLogger,
  createMetrics,
  createSealReader,
  growTiles,
  openSealStore,
  prepareSeals,
  sealPasswordFiles,
  sealUrl,
  startPostgres,
} from '@writ/runtime';
import { openSealTree, startSealing } from '@writ/service-sealer';

const ENV = 'acme.shop.prod';
const AGENTS = 1_000;
const MILLION = 1_000_000;
const ROUNDS = 3;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (n) => Math.round(n);

// Frames of the usual size (764 bytes of document), canonical, each naming one of a thousand agents.
const makeMessages = (count) => {
  const from = Date.parse('2026-01-01T00:00:00.000Z');
  return Array.from({ length: count }, (_, n) => {
    const signed = JSON.stringify({
      agent: `${ENV}.agent-${n % AGENTS}`,
      data: { n, text: 'x'.repeat(690) },
    });
    const frame = `{"kid":"${'A'.repeat(43)}","sig":"${'A'.repeat(86)}","signed":${signed}}`;
    return {
      seq: n + 1,
      subject: `gov.ledger.${n % 2 === 0 ? 'decision' : 'authority'}.${ENV}`,
      time: new Date(from + n).toISOString(),
      bytes: Buffer.from(frame),
    };
  });
};

/** What nobody can do without: a digest of the bytes, a leaf, the nodes above it. */
const bareHashing = (messages) => {
  const start = performance.now();
  const leaves = messages.map(({ seq, time, subject, bytes }) =>
    leafHash(`${seq}\n${time}\n${subject}\n${sha256(bytes)}\n`),
  );
  appendLeaves(EMPTY_RANGE, leaves);
  return (messages.length * 1000) / (performance.now() - start);
};

const ledgerOf = (messages) => ({
  end: async () => messages.length,
  load: async function* (_subject, after) {
    yield messages[after];
  },
  read: async function* (from, { signal }) {
    for (let at = from - 1; at < messages.length; at += 1) yield messages[at];
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
});

/** The sealer as it runs, but for the bus: a commit, a signature, a synced file for every 256 messages. */
const seal = async (url, dir, messages) => {
  const store = openSealStore(url);
  const kept = await store.load();
  const origin = ledgerOrigin('acme', messages[0].bytes);
  const opened = { last: undefined, ahead: [], mark: undefined, first: undefined, unsigned: undefined };
  let done;
  const finished = new Promise((resolve) => {
    done = resolve;
  });
  const cpu = process.cpuUsage();
  const start = performance.now();
  const sealing = startSealing({
    ...{ org: 'acme', origin, key: generateKeyPair(), dir, opened, store },
    ledger: ledgerOf(messages),
    stream: { publish: async () => undefined, largest: async () => undefined },
    tree: openSealTree(origin, kept),
    log: createLogger({ service: 'bench', level: 'error' }),
    metrics: createMetrics('bench'),
    onSigned: ({ checkpoint }) => checkpoint.size === messages.length && done(),
    onFailure: (error) => {
      throw error;
    },
  });
  await finished;
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const memory = process.memoryUsage().rss;
  await sealing.stop();
  await store.close();
  return {
    perSecond: (messages.length * 1000) / ms,
    perCore: (messages.length * 1e6) / (user + system),
    memory,
  };
};

/** Tiles of a tree of a million leaves, straight into the database. */
const million = async (pool, wanted) => {
  const tiles = growTiles(0);
  const leaves = Array.from({ length: MILLION }, (_, n) => leafHash(`leaf ${n}`));
  const range = appendLeaves(EMPTY_RANGE, leaves, tiles.take);
  const rows = tiles.changed();
  await pool.query('truncate sealer.tile');
  for (let at = 0; at < rows.length; at += 500) {
    const part = rows.slice(at, at + 500);
    await pool.query(
      'insert into sealer.tile select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])',
      [part.map((tile) => tile.level), part.map((tile) => tile.index), part.map((tile) => tile.hashes)],
    );
  }
  const reader = createSealReader(pool);
  const root = await reader.root(MILLION);
  const times = [];
  for (let n = 0; n < wanted; n += 1) {
    const seq = 1 + Math.floor(Math.random() * MILLION);
    const start = performance.now();
    const proof = await reader.inclusion(seq, MILLION);
    times.push(performance.now() - start);
    const place = { leaf: leaves[seq - 1], index: seq - 1, size: MILLION, root };
    if (!verifyInclusion(place, proof)) throw new Error('a proof does not verify');
  }
  if (range.size !== MILLION) throw new Error('not a million');
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: sorted[Math.floor(wanted / 2)], p99: sorted[Math.floor(wanted * 0.99)] };
};

const SEALED = 'sealed per second (commit, sign, sync every 256)';
const PER_CORE = 'sealed per second of one core';
const PROOF = 'inclusion proof of one in a million, ms (p50; bare: p99)';
const NEEDED = 5_000;

export const sealerBench = async ({ quick }) => {
  const dir = mkdtempSync(join(tmpdir(), 'writ-bench-seal-'));
  const paths = { keysDir: dir };
  const messages = makeMessages(quick ? 20_000 : 60_000);
  const postgres = await startPostgres({ dir: join(dir, 'pg') });
  try {
    const rounds = [];
    for (let n = 0; n < ROUNDS; n += 1) {
      const adminUrl = await postgres.createDatabase(`round${n}`);
      await prepareSeals(adminUrl, paths);
      const url = sealUrl(adminUrl, 'writer', sealPasswordFiles(paths).writer);
      rounds.push({ bare: bareHashing(messages), ...(await seal(url, join(dir, `data${n}`), messages)) });
    }
    const proofUrl = await postgres.createDatabase('proofs');
    await prepareSeals(proofUrl, paths);
    const pool = connectPostgres(proofUrl, { max: 2 });
    const { p50, p99 } = await million(pool, quick ? 200 : 2_000);
    await pool.end();
    const of = (pick) => median(rounds.map(pick));
    const rates = {
      bare: round(of((r) => r.bare)),
      sealed: round(of((r) => r.perSecond)),
      core: round(of((r) => r.perCore)),
    };
    return {
      rows: [
        {
          what: SEALED,
          value: rates.sealed,
          bare: rates.bare,
          ratio: rates.sealed / rates.bare,
          bound: `>= ${NEEDED}/s`,
        },
        {
          what: PER_CORE,
          value: rates.core,
          bare: rates.bare,
          ratio: rates.core / rates.bare,
          bound: `>= ${NEEDED}/s`,
        },
        {
          what: PROOF,
          value: Number(p50.toFixed(2)),
          bare: Number(p99.toFixed(2)),
          ratio: p50 / p99,
          bound: 'p50 < 5 ms',
        },
      ],
      holds: (what) => (what === PROOF ? p50 < 5 : (what === SEALED ? rates.sealed : rates.core) >= NEEDED),
      memory: { sealer: Math.max(...rounds.map((r) => r.memory)) },
    };
  } finally {
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};
