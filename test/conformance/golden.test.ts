// The published language does not drift: golden frames of every type still open, parse and mean the same; generated files are current.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Codes, ledgerEvents, parseLedgerDocument } from '@writ/contracts';
import { openFrame } from '@writ/crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../libs/contracts/src/schemas/generate.js';
import { addMissing, goldenKey, goldenTypes, readGolden } from './golden/golden.js';

const root = join(import.meta.dirname, '../..');
if (process.env['WRIT_ADD_GOLDEN'] === '1')
  console.warn(`added golden frames: ${addMissing().join(', ') || 'none'}`);

describe('golden signed documents', () => {
  it.each(goldenTypes.map((entry) => [entry.type, entry] as const))(
    '%s still verifies, is canonical and fits its schema',
    (type, entry) => {
      const frame = readGolden(entry);
      expect(
        frame,
        `no golden frame: run WRIT_ADD_GOLDEN=1 npx vitest run test/conformance/golden.test.ts and commit it`,
      ).toBeDefined();
      const opened = openFrame(frame as Uint8Array, entry.payloadType, goldenKey);
      expect(opened.ok).toBe(true);
      if (!opened.ok) return;
      expect(entry.schema.safeParse(opened.document).success).toBe(true);
      expect((opened.document as { type: string }).type).toBe(type);
    },
  );

  it('a golden ledger event is known to the parser, and a field more makes it invalid', () => {
    for (const entry of goldenTypes.filter(({ type }) => type in ledgerEvents)) {
      const opened = openFrame(readGolden(entry) as Uint8Array, entry.payloadType, goldenKey);
      if (!opened.ok) throw new Error(entry.type);
      expect(parseLedgerDocument(opened.document).kind).toBe('known');
      const document = opened.document as { data: object };
      expect(parseLedgerDocument({ ...document, data: { ...document.data, more: 1 } }).kind).toBe('invalid');
    }
  });

  it('no live document opens as a ledger event, and no ledger event as a live document', () => {
    const opens = (from: (typeof goldenTypes)[number], payloadType: string) =>
      openFrame(readGolden(from) as Uint8Array, payloadType, goldenKey).ok;
    for (const entry of goldenTypes) {
      const others = new Set(goldenTypes.map((t) => t.payloadType).filter((p) => p !== entry.payloadType));
      for (const other of others) expect(opens(entry, other), `${entry.type} as ${other}`).toBe(false);
    }
  });
});

describe('generated files', () => {
  it.each(generatedFiles().map((file) => [file.path, file.text] as const))(
    '%s is what the code says',
    (path, text) => {
      expect(readFileSync(join(root, path), 'utf8'), 'run npm run schemas').toBe(text);
    },
  );

  it('every JSON Schema accepts the golden document of its type', () => {
    const ajv = new Ajv2020({ strict: false });
    for (const entry of goldenTypes) {
      const folder = entry.type in ledgerEvents ? 'events' : 'live';
      const schema = JSON.parse(
        readFileSync(join(root, `proto-schemas/${folder}/${entry.type}.schema.json`), 'utf8'),
      );
      const opened = openFrame(readGolden(entry) as Uint8Array, entry.payloadType, goldenKey);
      if (!opened.ok) throw new Error(entry.type);
      expect(ajv.validate(schema, opened.document), `${entry.type}: ${ajv.errorsText()}`).toBe(true);
    }
  });

  it('every code has a title and a next step', () => {
    for (const [code, { title, next }] of Object.entries(Codes)) {
      expect(code).toMatch(/^WRIT-[A-Z]{2,4}-\d{3}$/);
      expect(title.length).toBeGreaterThan(5);
      expect(next.length).toBeGreaterThan(3);
    }
  });
});
