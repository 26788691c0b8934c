// An honest ledger has no findings, whatever happened in it.
import { expect, test } from 'vitest';
import { exitCodeOf, formatReport } from '../src/index.js';
import { day, founded } from './story/story.js';
import { verify } from './story/verifying.js';

test('a founded organisation without any action is clean', async () => {
  const report = await verify(founded());
  expect(report.findings).toEqual([]);
  expect(exitCodeOf(report)).toBe(0);
});

test('a day with every family in it is clean, and junk in it is counted and no fault', async () => {
  const ledger = day();
  const report = await verify(ledger);
  expect(report.findings).toEqual([]);
  expect(report.record.verdict).toBe('UNANCHORED');
  expect(report.authority.verdict).toBe('WITHIN');
  expect(report.authority.receipts).toEqual({ within: 6, violation: 0, undetermined: 0 });
  expect(report.counts).toMatchObject({ messages: ledger.messages.length, junk: 1, void: 0, halts: 2 });
  expect(report.junk).toEqual({ 'WRIT-FRM-001': 1 });
  expect(report.head.seq).toBe(ledger.messages.length);
  expect(exitCodeOf(report)).toBe(0);
});

test('the text of a clean report names both verdicts and the head of every chain', async () => {
  const text = formatReport(await verify(day()));
  expect(text).toContain('Record     UNANCHORED');
  expect(text).toContain('Authority  WITHIN');
  expect(text).toMatch(/gov\.ledger\.authority\.acme\.shop\.prod version \d+ [A-Za-z0-9_-]{43}/);
  expect(text).toContain('Findings   none');
});
