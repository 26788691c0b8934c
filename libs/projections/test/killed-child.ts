// A projector process for the SIGKILL test: reads messages from a file, says its position, and waits to be killed.
import { readFileSync } from 'node:fs';
import { connectReadSide, startProjector } from '../src/index.js';
import { arraySource } from './source.js';

const [file = '', url = ''] = process.argv.slice(2);
const { messages, roots } = JSON.parse(readFileSync(file, 'utf8'));
const source = arraySource(
  messages.map((m: { bytes: string }) => ({ ...m, bytes: Buffer.from(m.bytes, 'base64') })),
);
startProjector({
  pool: connectReadSide(url),
  source,
  roots,
  batchMessages: 3,
  lingerMs: 0,
  onNotice: (notice) => void process.stdout.write(`${JSON.stringify(notice)}\n`),
  onFault: (fault) => void process.stdout.write(`${JSON.stringify({ event: 'fault', code: fault.code })}\n`),
});
