// The bare limit of one service: verify, sign, append by group commit, answer the same number of bytes; no logic, no state.
// argv: JSON { home, role, natsUrl, subject, ledgerSubject, verifications, bytes, answerBytes }.

import { join } from 'node:path';
import { LEDGER_PAYLOAD_TYPE, livePayloadType } from '@writ/contracts';
import { importPublic, openFrameAsync, readKeyFile, signFrameAsync, splitMessage } from '@writ/crypto';
import { createJetStreamLedger } from '@writ/ledger';
import { connectBus } from '@writ/runtime';

const { home, role, natsUrl, subject, ledgerSubject, kind, agentKey, verifications, bytes, answerBytes } =
  JSON.parse(process.argv[2]);
const key = readKeyFile(join(home, 'keys', `${role}.jwk`));
const agent = importPublic(agentKey);
const bus = await connectBus({
  url: natsUrl,
  seedFile: join(home, 'nats', `${role}.nk`),
  inboxPrefix: `_INBOX.${role}`,
  name: `bare-${role}`,
});
const ledger = createJetStreamLedger({ connection: bus });
let last = await ledger.lastOf(ledgerSubject);
const queue = [];
let flying = false;
let n = 0;

const pump = async () => {
  if (flying || queue.length === 0) return;
  flying = true;
  const batch = queue.splice(0, 256);
  const outcome = await ledger.append({
    subject: ledgerSubject,
    expected: last,
    messages: batch.map(({ id, frame }) => ({ id, bytes: frame })),
  });
  if (outcome.kind !== 'stored') throw new Error(`bare append: ${outcome.kind} ${outcome.reason ?? ''}`);
  last = outcome.seqs.at(-1);
  const answerPad = Buffer.alloc(Math.max(0, answerBytes - bytes), 0x20);
  for (const { reply, frame } of batch)
    bus.publish(reply, answerPad.length === 0 ? frame : Buffer.concat([frame, Buffer.from('\n'), answerPad]));
  flying = false;
  void pump();
};

const handle = async (message) => {
  const { frame } = splitMessage(message.data);
  const checks = Array.from({ length: verifications }, () =>
    openFrameAsync(frame, livePayloadType(kind), agent),
  );
  const opened = await Promise.all(checks);
  if (!opened.every((o) => o.ok)) throw new Error('bare verification failed');
  n += 1;
  const id = `${n}`;
  const document = { kid: key.kid, id, pad: '' };
  const own = JSON.stringify(document).length + 158;
  const signed = await signFrameAsync(
    LEDGER_PAYLOAD_TYPE,
    { ...document, pad: 'x'.repeat(Math.max(0, bytes - own)) },
    key,
  );
  queue.push({ id, frame: signed, reply: message.reply });
  void pump();
};

bus.subscribe(subject, {
  callback: (error, message) =>
    void (
      error ??
      handle(message).catch((e) => {
        console.error(e);
        process.exit(1);
      })
    ),
});
await bus.flush();
process.send?.('ready');
process.on('message', (m) => m === 'memory' && process.send(process.memoryUsage().rss));
