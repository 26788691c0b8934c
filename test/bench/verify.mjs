// The verifier against the raw rate of Ed25519 on one core, measured in the same run over the same frames: outer and embedded ones.

import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { frameBytes, importPublic, pae, readFrame, verifyStrict } from '@writ/crypto';
import { exportLines, openExport, startPreparer, verifyLedger } from '@writ/verifier';
import { collect } from './projector.mjs';

const embedded = (value, into) => {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.sig === 'string' && typeof value.kid === 'string' && value.signed !== undefined)
    into.push(value);
  for (const member of Object.values(value)) embedded(member, into);
};

const keysIn = (value, into) => {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.kid === 'string' && typeof value.x === 'string')
    into.set(value.kid, importPublic(value.x));
  for (const member of Object.values(value)) keysIn(member, into);
};

/** Every signature of a ledger as key, message, signature; the payload type does not change what verifying costs. */
const signaturesIn = (messages) => {
  const keys = new Map();
  const frames = messages.flatMap(({ bytes, subject }) => {
    const document = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (subject.startsWith('gov.ledger.registry.')) keysIn(document, keys);
    const inner = [];
    embedded(document.signed, inner);
    return [bytes, ...inner.map(frameBytes)];
  });
  return frames.flatMap((bytes) => {
    const { kid, document, signature } = readFrame(bytes).frame;
    return keys.has(kid) ? [[keys.get(kid), pae('application/x', document), signature]] : [];
  });
};

const rawRate = (signatures) => {
  const some = signatures.slice(0, 20_000);
  const start = performance.now();
  for (const [key, message, signature] of some) verifyStrict(key, message, signature);
  return (some.length * 1000) / (performance.now() - start);
};

const verifyOnce = async (file, trust, preparer) => {
  const { messages } = await openExport(createInterface({ input: createReadStream(file) }));
  const start = performance.now();
  const report = await verifyLedger(messages, { ...trust, complete: true, preparer });
  if (report.record.verdict !== 'UNANCHORED') throw new Error(`the record is ${report.record.verdict}`);
  return (performance.now() - start) / 1000;
};

export const verifyBench = async ({ quick }) => {
  const recorded = await collect(quick);
  const { messages } = recorded;
  const roots = recorded.roots.map(({ kid, x }) => ({ kid, x }));
  const { org } = recorded.roots[0];
  const folder = mkdtempSync(join(tmpdir(), 'writ-bench-verify-'));
  const threads = startPreparer();
  try {
    const file = join(folder, 'ledger.ndjson');
    const header = { org, from: 1, to: messages.length, messages: messages.length };
    const lines = [];
    for await (const line of exportLines(messages, header)) lines.push(`${line}\n`);
    writeFileSync(file, lines.join(''));
    const signatures = signaturesIn(messages);
    await verifyOnce(file, { org, roots }, threads.preparer);
    rawRate(signatures);
    const bare = rawRate(signatures);
    const seconds = await verifyOnce(file, { org, roots }, threads.preparer);
    const rate = signatures.length / seconds;
    const cores = cpus().length;
    return {
      rows: [
        {
          what: `verifier, signatures per second on ${cores} cores`,
          value: Math.round(rate),
          bare: Math.round(bare * cores),
          ratio: Number((rate / (bare * cores)).toFixed(2)),
          bound: '>= 0.7',
        },
        { what: 'verifier, events per second', value: Math.round(messages.length / seconds) },
      ],
      holds: (_, ratio) => ratio >= 0.7,
      memory: { verifier: process.memoryUsage().rss },
    };
  } finally {
    await threads.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
