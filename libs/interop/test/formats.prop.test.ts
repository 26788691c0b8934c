// Properties of the export formats: no value breaks out of its cell, field or line, and what is JSON parses back. Seeds are printed.
import { parseLedgerDocument } from '@writ/contracts';
import { canonicalize, parseCanonical, parseStrict } from '@writ/crypto';
import {
  cef,
  cloudevents,
  csv,
  type ExportedEvent,
  type ExportFormat,
  encodeEvents,
  ndjson,
  ocsf,
  otel,
  toCef,
  toCloudEvent,
  toCsv,
  toFlatJson,
  toOcsf,
  toOtlp,
} from '@writ/interop';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cefHeader, cefValue } from '../src/formats/cef.js';
import { csvCell } from '../src/formats/csv.js';
import { exported, goldenEvents } from './golden-events.js';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        '\t',
        '\r',
        '\n',
        '"',
        "'",
        ',',
        '|',
        '\\',
        '=1+1',
        '\u2028',
        '＝',
        'x',
      ),
    )
    .map((parts) => parts.join('')),
);
const base = goldenEvents[0]?.document as object;

/** A golden event whose texts are anything at all: no format may rely on what a schema lets through. */
const event: fc.Arbitrary<ExportedEvent> = fc
  .record({
    id: text,
    source: text,
    agent: text,
    correlationid: text,
    type: text,
    value: text,
    name: text,
    seq: fc.nat(),
  })
  .map(({ id, source, agent, correlationid, type, value, name, seq }) =>
    exported(
      {
        ...base,
        id,
        source,
        agent,
        correlationid,
        type: `writ.${type}`,
        data: { [name]: value, agent, list: [value] },
      },
      seq,
    ),
  )
  .map((one) => one as unknown as ExportedEvent);

/** A reader of RFC 4180, as plain as can be. */
const readCsv = (file: string): string[][] => {
  const rows: string[][] = [[]];
  const cell = /"((?:[^"]|"")*)"(,|\r\n)/y;
  while (cell.lastIndex < file.length) {
    const found = cell.exec(file);
    if (found === null) throw new Error('not RFC 4180');
    rows.at(-1)?.push((found[1] as string).replaceAll('""', '"'));
    if (found[2] === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
};

const file = async (format: ExportFormat, events: readonly ExportedEvent[]): Promise<string> => {
  let all = '';
  for await (const chunk of encodeEvents(format, events)) all += chunk;
  return all;
};

const undone = (cell: string): string => (cell.startsWith("'") ? cell.slice(1) : cell);

describe('CSV', () => {
  it('a cell holds exactly its value and never begins like a formula', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        const [row] = readCsv(`${csvCell(left)},${csvCell(right)}\r\n`);
        expect(row?.map(undone)).toEqual([left, right]);
        for (const cell of row ?? []) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
      }),
    );
  });

  it('a file has a header and one row an event, all of the same width, whatever the values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 4 }), async (events) => {
        const rows = readCsv(await file(csv, events));
        expect(rows).toHaveLength(events.length + 1);
        expect(new Set(rows.map((row) => row.length))).toEqual(new Set([rows[0]?.length]));
        const id = rows[0]?.indexOf('id') ?? -1;
        expect(rows.slice(1).map((row) => undone(row[id] as string))).toEqual(
          events.map((one) => one.document.id),
        );
      }),
    );
  });
});

describe('CEF', () => {
  const header = /^CEF:0\|((?:[^\\|]|\\[\\|])*\|){6}/;

  it('a header field holds no bare bar and no line end, a value no bare equals sign and no line end', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(cefHeader(value)).toMatch(/^(?:[^\\|\r\n]|\\[\\|])*$/);
        expect(cefValue(value)).toMatch(/^(?:[^\\=\r\n]|\\[\\=rn])*$/);
        const back = cefValue(value).replace(/\\(.)/g, (_, c: string) => ({ r: '\r', n: '\n' })[c] ?? c);
        expect(back).toBe(value);
      }),
    );
  });

  it('an event is one line with seven header fields and extensions under known names only', () => {
    const known = new Set(['rt', 'externalId', 'act', 'dvchost', 'suser']);
    fc.assert(
      fc.property(event, (one) => {
        const line = toCef(one);
        expect(line).not.toMatch(/[\r\n]/);
        expect(line).toMatch(header);
        const keys = [...line.replace(header, '').matchAll(/(?:^| )(\w+)=/g)].map(
          (found) => found[1] as string,
        );
        for (const key of keys) expect(known.has(key) || /^cs[1-6](Label)?$/.test(key), key).toBe(true);
      }),
    );
  });
});

describe('JSON formats', () => {
  const limits = { maxBytes: 1 << 20, maxDepth: 64 };

  it('every event is one line that parses back, strictly, with its place and its values', () => {
    fc.assert(
      fc.property(event, (one) => {
        for (const encode of [toFlatJson, toOcsf, toOtlp, toCloudEvent]) {
          const line = encode(one);
          expect(line).not.toMatch(/[\r\n]/);
          expect(parseStrict(line, limits).ok, encode.name).toBe(true);
        }
        expect(parseCanonical(toCloudEvent(one), limits)).toEqual({ ok: true, value: one.document });
        expect(JSON.parse(toOcsf(one))).toMatchObject({ unmapped: { data: one.document.data } });
        const { body } = JSON.parse(toOtlp(one)).resourceLogs[0].scopeLogs[0].logRecords[0];
        expect(body.stringValue).toBe(canonicalize(one.document.data as object));
      }),
    );
  });

  it('flat JSON is flat, and members of the same name at different depths stay apart', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.dictionary(text, text, { minKeys: 1 }), { minKeys: 1 }), (data) => {
        const flat = JSON.parse(toFlatJson(exported({ ...base, data }) as unknown as ExportedEvent));
        for (const value of Object.values(flat))
          expect(typeof value === 'object' && value !== null).toBe(false);
        const leaves = Object.values(data).flatMap((inner) => Object.values(inner)).length;
        expect(Object.keys(flat).filter((name) => name.startsWith('data.'))).toHaveLength(leaves);
      }),
    );
  });

  it('a batch of CloudEvents is a list of the documents, also of none', async () => {
    expect(JSON.parse(await file(cloudevents, []))).toEqual([]);
    expect(JSON.parse(await file(cloudevents, goldenEvents))).toEqual(
      goldenEvents.map(({ document }) => document),
    );
  });
});

describe('every type of the published language', () => {
  it.each(goldenEvents.map((one) => [one.document.type, one] as const))(
    '%s goes out in every format',
    (type, one) => {
      expect(parseLedgerDocument(one.document).kind).toBe('known');
      expect(toCsv(one)).toContain(type);
      expect(toCef(one)).toContain(type);
      const inOcsf = JSON.parse(toOcsf(one));
      expect([6003, 3004, 2004]).toContain(inOcsf.class_uid);
      expect(inOcsf.type_uid).toBe(inOcsf.class_uid * 100 + inOcsf.activity_id);
      expect(inOcsf.category_uid).toBe(Math.floor(inOcsf.class_uid / 1000));
      expect(inOcsf.metadata).toMatchObject({ version: '1.6.0', uid: one.document.id, event_code: type });
      const required = { 6003: ['actor', 'api', 'src_endpoint'], 3004: ['entity'], 2004: ['finding_info'] };
      for (const name of required[inOcsf.class_uid as 6003]) expect(inOcsf).toHaveProperty(name);
      const [log] = JSON.parse(toOtlp(one)).resourceLogs[0].scopeLogs[0].logRecords;
      expect(log).toMatchObject({ eventName: type, timeUnixNano: expect.stringMatching(/^\d{19}$/) });
    },
  );

  it('files of lines end with a line end and have one line an event; of none they are empty', async () => {
    for (const format of [ndjson, ocsf, otel, cef]) {
      const all = await file(format, goldenEvents);
      expect(all.endsWith('\n')).toBe(true);
      expect(all.trimEnd().split('\n')).toHaveLength(goldenEvents.length);
      expect(await file(format, [])).toBe('');
    }
  });
});
