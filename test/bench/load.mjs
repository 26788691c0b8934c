// The load of one agent: intent, decision, receipt request, receipt; the same for the plane and for the bare limit.
// argv: JSON { folder, natsUrl, inFlight, seconds, warmup }. Prints one JSON line.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEDGER_PAYLOAD_TYPE, livePayloadType, subjects } from '@writ/contracts';
import {
  commit,
  committedDigest,
  importPublic,
  joinMessage,
  nothingCommitted,
  openFrameAsync,
  readKeyFile,
  signFrameAsync,
  splitFrames,
} from '@writ/crypto';
import { connectBus, uuidv7 } from '@writ/runtime';

const { folder, natsUrl, inFlight, seconds, warmup, keys } = JSON.parse(process.argv[2]);
const { scope } = JSON.parse(readFileSync(join(folder, 'agent.json'), 'utf8'));
const key = readKeyFile(join(folder, 'agent.jwk'));
const bus = await connectBus({
  url: natsUrl,
  seedFile: join(folder, 'agent.nk'),
  inboxPrefix: `_INBOX.${scope}`,
  name: 'load',
});
const publicKeys = new Map(keys.map((x) => [importPublic(x).kid, importPublic(x)]));

const at = (ms) => new Date(ms).toISOString();
const sizes = { decision: 0, receipt: 0, request: 0, intent: 0 };

const one = async (refusals) => {
  const id = uuidv7();
  const now = Date.now();
  const args = commit({ table: 'orders', rows: 3, note: 'bench' });
  const data = {
    action: { tool: 'psql', operation: 'select', resource: 'postgres:orders/orders', args: args.committed },
    reasoning: { private: nothingCommitted },
    evidence: [],
    reversal: { method: 'none', private: nothingCommitted },
    deadline: at(now + 60_000),
    delegation: [],
  };
  const intent = await signFrameAsync(
    livePayloadType('intent'),
    { type: 'writ.intent.v1', id, kid: key.kid, subject: subjects.intent(scope), time: at(now), data },
    key,
  );
  const message = joinMessage(intent, args.disclosures);
  const decided = await bus.request(subjects.intent(scope), message, { timeout: 8000 });
  const request = await signFrameAsync(
    livePayloadType('receipt-request'),
    {
      type: 'writ.receipt-request.v1',
      id: uuidv7(),
      kid: key.kid,
      subject: subjects.receipt(scope),
      time: at(Date.now()),
      data: {
        intentId: id,
        agent: scope,
        argsDigest: committedDigest(args.committed),
        expires: at(now + 30_000),
      },
    },
    key,
  );
  const answered = await bus.request(subjects.receipt(scope), request, { timeout: 8000 });
  const [receipt] = splitFrames(answered.data);
  const opened = await openFrameAsync(receipt, LEDGER_PAYLOAD_TYPE, (kid) => publicKeys.get(kid));
  Object.assign(sizes, {
    intent: message.length,
    decision: decided.data.length,
    request: request.length,
    receipt: receipt.length,
    answer: answered.data.length,
  });
  if (!opened.ok) refusals.push(Buffer.from(receipt).toString().slice(0, 600));
};

const run = async (ms, latencies, refusals) => {
  const end = performance.now() + ms;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      try {
        await one(refusals);
        done += 1;
        latencies.push(performance.now() - start);
      } catch (error) {
        refusals.push(String(error.message));
      }
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (done * 1000) / (performance.now() - start);
};

await run(warmup * 1000, [], []);
const latencies = [];
const refusals = [];
const perSecond = await run(seconds * 1000, latencies, refusals);
latencies.sort((a, b) => a - b);
const quantile = (q) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? Number.NaN;
console.log(
  JSON.stringify({
    perSecond,
    p50: quantile(0.5),
    p99: quantile(0.99),
    count: latencies.length,
    refused: refusals.length,
    first: refusals[0],
    sizes,
    rss: process.memoryUsage().rss,
  }),
);
await bus.close();
