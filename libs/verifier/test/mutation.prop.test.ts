// Property: whatever single byte of an export is changed, the exit code is not 0, or the very same messages are read.
import { FRAME_OFFSETS } from '@writ/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  exitCodeOf,
  exitCodeOfError,
  exportLines,
  parseExport,
  type StoredMessage,
  verifyLedger,
} from '../src/index.js';
import { ORG } from './story/ledger.js';
import { day } from './story/story.js';
import { renumber, stream } from './story/verifying.js';

const ledger = day();
const KEY_ID_END = FRAME_OFFSETS.kid + 43;

const exported = async (messages: readonly StoredMessage[]): Promise<Buffer> => {
  const header = { org: ORG, from: 1, to: messages.length, messages: messages.length };
  const lines: string[] = [];
  for await (const line of exportLines(messages, header)) lines.push(line);
  return Buffer.from(`${lines.join('\n')}\n`);
};

const linesOf = (file: Buffer): readonly string[] => {
  const lines = file.toString('utf8').split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
};

const verifyFile = async (file: Buffer) => {
  const read: string[] = [];
  async function* noted() {
    for await (const message of parseExport(stream(linesOf(file)))) {
      read.push(
        `${message.seq} ${message.subject} ${message.time} ${Buffer.from(message.bytes).toString('hex')}`,
      );
      yield message;
    }
  }
  try {
    const report = await verifyLedger(noted(), { org: ORG, roots: ledger.roots(), complete: true });
    return { code: exitCodeOf(report), read };
  } catch (error) {
    return { code: exitCodeOfError(error), read };
  }
};

test('any single-byte change of an export gives a non-zero exit code or an identical parse', async () => {
  const file = await exported(ledger.messages);
  const honest = await verifyFile(file);
  expect(honest.code).toBe(0);
  const change = fc.record({ at: fc.nat(file.length - 1), xor: fc.integer({ min: 1, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, xor }) => {
      const mutated = Buffer.from(file);
      mutated[at] = mutated[at]! ^ xor;
      const { code, read } = await verifyFile(mutated);
      expect(code).toBeDefined();
      if (code === 0) expect(read).toEqual(honest.read);
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('any single-byte change of a signed frame is found, though the export is written anew around it', async () => {
  const signed = ledger.messages.filter(({ bytes }) => bytes.length > 200);
  const change = fc.record({
    which: fc.nat(signed.length - 1),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    xor: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ which, at, xor }) => {
      const victim = signed[which]!;
      const bytes = Buffer.from(victim.bytes);
      // Behind the key id: a frame of another key is nobody's, and at the end of a chain nothing tells that it was.
      const byte = KEY_ID_END + Math.floor(at * (bytes.length - KEY_ID_END));
      bytes[byte] = bytes[byte]! ^ xor;
      const messages = ledger.messages.map((m) => (m.seq === victim.seq ? { ...m, bytes } : m));
      const { code } = await verifyFile(await exported(messages));
      expect(code).toBe(1);
    }),
    { numRuns: 100 },
  );
}, 120_000);

test('any message left out is found, whether the sequences are written anew or not', async () => {
  const last = new Set([...new Map(ledger.messages.map((m) => [m.subject, m.seq])).values()]);
  const inside = ledger.messages.filter((m) => !last.has(m.seq) && m.bytes.length > 200);
  await fc.assert(
    fc.asyncProperty(fc.nat(inside.length - 1), fc.boolean(), async (which, anew) => {
      const left = ledger.messages.filter((m) => m.seq !== inside[which]!.seq);
      const messages = anew ? renumber(left) : left;
      const report = await verifyLedger(stream(messages), {
        org: ORG,
        roots: ledger.roots(),
        complete: true,
      });
      expect(report.record.verdict).toBe('INVALID');
    }),
    { numRuns: 40 },
  );
}, 120_000);
