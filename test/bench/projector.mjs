// The projector against a bare COPY of the same rows and the raw verification of the same frames, on the same cores, in turns.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { importPublic, pae, readFrame, readKeyFile, verifyStrictAsync } from '@writ/crypto';
import { connectReadSide, prepareDatabase, startProjector } from '@writ/projections';
import { connectBus, createReaderLedger, readOrganisation, startPostgres } from '@writ/runtime';
import copy from 'pg-copy-streams';
import { folderOf, makeHome, plane, publicKeysOf, register, runScript } from './stage.mjs';

/** A ledger as one agent and the plane write it in a few seconds, and the keys that its frames are signed with. */
export const collect = async (quick) => {
  const { home, action, remove } = await makeHome();
  const up = await plane(home, ['registry', 'decision', 'receipt-ledger', 'kill-switch']);
  await register(home, up.servers.natsUrl, action);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await runScript('load.mjs', {
    folder: folderOf(home),
    natsUrl: up.servers.natsUrl,
    keys: publicKeysOf(home, ['receipt-ledger']),
    inFlight: 256,
    warmup: 0,
    seconds: quick ? 5 : 15,
  });
  const bus = await connectBus({
    url: up.servers.natsUrl,
    seedFile: join(home, 'nats/read-model.nk'),
    inboxPrefix: '_INBOX.read-model',
    name: 'bench',
  });
  const reader = createReaderLedger(bus, { inboxPrefix: '_INBOX.read-model' });
  const end = await reader.end();
  const messages = [];
  const abort = new AbortController();
  for await (const message of reader.read(1, { signal: abort.signal })) {
    messages.push(message);
    if (message.seq >= end) break;
  }
  abort.abort();
  const { org, roots } = readOrganisation(join(home, 'org.json'));
  const keys = new Map(
    ['decision', 'receipt-ledger', 'kill-switch', 'registry'].map((role) => [
      readKeyFile(join(home, 'keys', `${role}.jwk`)).kid,
      importPublic(readKeyFile(join(home, 'keys', `${role}.jwk`)).x),
    ]),
  );
  await bus.close();
  await up.stop();
  remove();
  return { messages, roots: roots.map((root) => ({ org, ...root })), keys };
};

const rawVerification = async (messages, keys) => {
  const frames = messages.map(({ bytes }) => readFrame(bytes).frame).filter((frame) => keys.has(frame.kid));
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < frames.length) {
      const frame = frames[next++];
      await verifyStrictAsync(keys.get(frame.kid), pae(LEDGER_PAYLOAD_TYPE, frame.document), frame.signature);
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  return (frames.length * 1000) / (performance.now() - start);
};

// The lines of COPY's text form, as Postgres itself writes them.
const linesOf = async (client, table) => {
  const parts = [];
  for await (const part of client.query(copy.to(`copy ${table} to stdout`))) parts.push(part);
  return Buffer.concat(parts)
    .toString()
    .split(/(?<=\n)/);
};

// Every row that the projector wrote, of every table of its build, into tables without indexes.
const bareCopy = async (url, messages) => {
  const bare = connectReadSide(url, 1);
  const client = await bare.connect();
  const { rows: tables } = await client.query(
    "select format('%I.%I', schemaname, tablename) as built, format('bare.%I', tablename) as name from pg_tables where schemaname like 'rm\\_v%'",
  );
  await client.query('create schema bare');
  const copies = [];
  for (const { built, name } of tables) {
    await client.query(`create table ${name} as select * from ${built} with no data`);
    copies.push({ name, lines: await linesOf(client, built) });
  }
  const start = performance.now();
  for (const { name, lines } of copies) {
    for (let at = 0; at < lines.length; at += 500) {
      const stream = client.query(copy.from(`copy ${name} from stdin`));
      for (const line of lines.slice(at, at + 500)) if (!stream.write(line)) await once(stream, 'drain');
      stream.end();
      await once(stream, 'finish');
    }
  }
  const perSecond = (messages.length * 1000) / (performance.now() - start);
  client.release();
  await bare.end();
  return perSecond;
};

const project = async (urls, { messages, roots }) => {
  const last = messages.at(-1).seq;
  const source = {
    end: async () => last,
    read: async function* (from, { signal }) {
      for (const message of messages) if (message.seq >= from) yield message;
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    at: async (seq) => messages.find((m) => m.seq === seq),
  };
  const pool = connectReadSide(urls.projector, 2);
  const start = performance.now();
  const projector = startProjector({ pool, source, roots });
  const done = await projector.reached(last, 300_000);
  const perSecond = (messages.length * 1000) / (performance.now() - start);
  const memory = process.memoryUsage().rss;
  if (!done) throw new Error(`the projector stopped: ${projector.fault()?.reason}`);
  await projector.stop();
  await pool.end();
  return { perSecond, memory };
};

const ROUNDS = 5;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (n) => Math.round(n);

export const projectorBench = async ({ quick }) => {
  const recorded = await collect(quick);
  const dir = mkdtempSync(join(tmpdir(), 'writ-bench-pg-'));
  const postgres = await startPostgres({ dir });
  try {
    const credentials = { projector: 'bench-projector-pw', query: 'bench-query-pw-0' };
    // Once into a scratch database first: a projector that has just started runs code that is not compiled yet.
    await project(await prepareDatabase(await postgres.createDatabase('warm'), { credentials }), recorded);
    const rounds = [];
    for (let n = 0; n < ROUNDS; n += 1) {
      const admin = await postgres.createDatabase(`bench${n}`);
      const projected = await project(await prepareDatabase(admin, { credentials }), recorded);
      const raw = await rawVerification(recorded.messages, recorded.keys);
      rounds.push({ ...projected, raw, copied: await bareCopy(admin, recorded.messages) });
    }
    const [value, raw, copied] = ['perSecond', 'raw', 'copied'].map((of) => median(rounds.map((r) => r[of])));
    const bare = Math.min(raw, copied);
    return {
      rows: [
        {
          what: 'projector, messages per second',
          value: round(value),
          bare: round(bare),
          ratio: Number((value / bare).toFixed(2)),
          bound: '>= 0.5',
        },
        { what: 'bare COPY of the same rows, messages per second', value: round(copied) },
        { what: 'raw verification of the same frames, per second', value: round(raw) },
      ],
      holds: (_, ratio) => ratio >= 0.5,
      messages: recorded.messages.length,
      memory: { 'projector (with every message of the run)': Math.max(...rounds.map((r) => r.memory)) },
    };
  } finally {
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};
