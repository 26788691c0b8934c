// The export: what is written is read again byte for byte; whatever is not exactly an export is refused with its line.
import { expect, test } from 'vitest';
import {
  ExportError,
  type ExportHeader,
  exitCodeOfError,
  exportLines,
  openExport,
  parseExport,
  type StoredMessage,
  verifyLedger,
} from '../src/index.js';
import { ORG, type TestLedger } from './story/ledger.js';
import { day } from './story/story.js';
import { stream } from './story/verifying.js';

const headerOf = ({ messages }: TestLedger): ExportHeader => ({
  org: ORG,
  from: 1,
  to: messages.length,
  messages: messages.length,
});

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const written = (ledger: TestLedger): Promise<string[]> =>
  collect(exportLines(ledger.messages, headerOf(ledger)));

const refusal = async (lines: readonly string[]): Promise<ExportError> => {
  const error = await collect(parseExport(stream(lines))).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ExportError);
  return error as ExportError;
};

test('an export is read back as the very messages, junk included, and verifies like the ledger', async () => {
  const ledger = day();
  const lines = await written(ledger);
  expect(lines[0]).toBe(
    `{"writ":"ledger-export","version":1,"org":"acme","from":1,"to":${ledger.messages.length},"messages":${ledger.messages.length}}`,
  );
  expect(lines.length).toBe(ledger.messages.length + 2);
  const { header, messages } = await openExport(stream(lines));
  expect(header).toEqual(headerOf(ledger));
  const read = await collect(messages);
  const plain = ({ bytes, ...rest }: StoredMessage) => ({ ...rest, bytes: [...bytes] });
  expect(read.map(plain)).toEqual(ledger.messages.map(plain));
  const report = await verifyLedger(parseExport(stream(lines)), {
    org: header.org,
    roots: ledger.roots(),
    complete: header.from === 1,
  });
  expect(report.findings).toEqual([]);
});

test('an export of nothing is an export', async () => {
  const lines = await collect(exportLines([], { org: ORG, from: 1, to: 0, messages: 0 }));
  expect(await collect(parseExport(stream(lines)))).toEqual([]);
});

test('a file that is no export is refused at line 1 as wrong usage', async () => {
  for (const line of ['', 'hello', '{}', '{"writ":"ledger-export","version":2}', '{"writ":"ledger-export"']) {
    const error = await refusal([line]);
    expect(error).toMatchObject({ code: 'WRIT-VER-001', line: 1 });
    expect(exitCodeOfError(error)).toBe(64);
  }
  expect((await refusal([])).line).toBe(1);
});

test('an export that was cut off, lengthened, shortened or changed in the middle is refused as a damaged record', async () => {
  const ledger = day();
  const lines = await written(ledger);
  const without = (n: number) => lines.filter((_, at) => at !== n);
  const damaged = [
    lines.slice(0, -1),
    without(5),
    [...lines, lines.at(-1)!],
    [...lines, ''],
    lines.map((line, n) => (n === 5 ? line.replace('"time":"2026', '"time":"2025') : line)),
    lines.map((line, n) => (n === 5 ? line.replace('{"seq"', '{ "seq"') : line)),
    lines.map((line, n) => (n === 5 ? line.replace('"frame":"', '"frame":"=') : line)),
    lines.map((line, n) => (n === 5 ? '{"seq":6}' : line)),
  ];
  for (const attempt of damaged) {
    expect(attempt).not.toEqual(lines);
    const error = await refusal(attempt);
    expect(error.line).toBeGreaterThan(1);
    expect(exitCodeOfError(error)).toBe(1);
  }
});

test('an export whose header says something else than follows is refused', async () => {
  const ledger = day();
  const { length } = ledger.messages;
  for (const wrong of [{ messages: length + 1 }, { to: length + 1 }, { from: 2 }]) {
    const lines = await collect(exportLines(ledger.messages, { ...headerOf(ledger), ...wrong }));
    expect((await refusal(lines)).code).toBe('WRIT-VER-001');
  }
});

test('an export error does not repeat what the file says, and other errors have no exit code here', async () => {
  const error = await refusal(['{"writ":"secret"}']);
  expect(error.message).not.toContain('secret');
  expect(exitCodeOfError(new Error('disk'))).toBeUndefined();
});
