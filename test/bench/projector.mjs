// The projector against a bare COPY of the same event rows and the raw verification of the same frames, on the same cores.

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

const collect = async (quick) => {
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

const text = (value) =>
  value === null
    ? '\\N'
    : String(value)
        .replaceAll('\\', '\\\\')
        .replaceAll('\t', '\\t')
        .replaceAll('\n', '\\n')
        .replaceAll('\r', '\\r');

const bareCopy = async (url, pool) => {
  // The stored columns of the live build; `data` is derived in a view.
  const { rows: found } = await pool.query(
    "select table_schema from information_schema.tables where table_name = 'events' and table_schema like 'rm_v%' limit 1",
  );
  const table = `"${found[0].table_schema}".events`;
  const { rows, fields } = await pool.query(`select * from ${table} order by seq`);
  const bare = connectReadSide(url, 1);
  await bare.query('create schema if not exists bare');
  await bare.query('drop table if exists bare.events');
  await bare.query(`create table bare.events as select * from ${table} with no data`);
  const cell = (value) =>
    Buffer.isBuffer(value)
      ? `\\\\x${value.toString('hex')}`
      : value !== null && typeof value === 'object'
        ? text(JSON.stringify(value))
        : text(value);
  const lines = rows.map((row) => `${fields.map((f) => cell(row[f.name])).join('\t')}\n`);
  const client = await bare.connect();
  const start = performance.now();
  for (let at = 0; at < lines.length; at += 500) {
    const stream = client.query(
      copy.from(`copy bare.events (${fields.map((f) => `"${f.name}"`).join(', ')}) from stdin`),
    );
    for (const line of lines.slice(at, at + 500)) if (!stream.write(line)) await once(stream, 'drain');
    stream.end();
    await once(stream, 'finish');
  }
  const perSecond = (lines.length * 1000) / (performance.now() - start);
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
  if (!done) throw new Error(`the projector stopped: ${projector.fault()?.reason}`);
  await projector.stop();
  await pool.end();
  return perSecond;
};

export const projectorBench = async ({ quick }) => {
  const recorded = await collect(quick);
  const dir = mkdtempSync(join(tmpdir(), 'writ-bench-pg-'));
  const postgres = await startPostgres({ dir });
  try {
    const credentials = { projector: 'bench-projector-pw', query: 'bench-query-pw-0' };
    // Once into a scratch database first: a projector that has just started runs code that is not compiled yet.
    await project(await prepareDatabase(await postgres.createDatabase('warm'), { credentials }), recorded);
    const admin = await postgres.createDatabase('bench');
    const urls = await prepareDatabase(admin, { credentials });
    const value = await project(urls, recorded);
    const raw = await rawVerification(recorded.messages, recorded.keys);
    const pool = connectReadSide(admin, 1);
    const copied = await bareCopy(admin, pool);
    await pool.end();
    const bare = Math.min(raw, copied);
    const round = (n) => Math.round(n);
    return {
      rows: [
        {
          what: 'projector, messages per second',
          value: round(value),
          bare: round(bare),
          ratio: Number((value / bare).toFixed(2)),
          bound: '>= 0.5',
        },
        { what: 'bare COPY of the event rows, per second', value: round(copied) },
        { what: 'raw verification of the same frames, per second', value: round(raw) },
      ],
      holds: (_, ratio) => ratio >= 0.5,
      messages: recorded.messages.length,
    };
  } finally {
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};
