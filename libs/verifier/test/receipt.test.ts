// Portable receipts: one action shown by itself, whatever else is in the ledger; attacks on its file.
import { canonicalize } from '@writ/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exitCodeOf, makeReceipt, type Report, verifyReceipt } from '../src/index.js';
import {
  act,
  type Decided,
  decide,
  issue,
  report as outcome,
  receiptDrafts,
  request,
} from './story/actions.js';
import { altered } from './story/forging.js';
import { iso, ORG, OTHER, POINT, type TestLedger } from './story/ledger.js';
import { boundary, change } from './story/organisation.js';
import { escalate, vote } from './story/people.js';
import { certifySealer, originOf, policyOf, sealed, trustIn, witness } from './story/sealing.js';
import { day, founded } from './story/story.js';
import { codesOf, stream } from './story/verifying.js';

const receiptOf = (ledger: TestLedger, asked: Decided, checkpoint = sealed(ledger)): Promise<string> =>
  makeReceipt({ org: ORG, messages: () => stream(ledger.messages), intentId: asked.document.id, checkpoint });

const judge = async (ledger: TestLedger, text: string): Promise<Report> => {
  const report = await verifyReceipt(text, trustIn(ledger, { origin: originOf(ledger.messages) }));
  if (report === undefined) throw new Error('not a receipt');
  return report;
};

const busy = (): TestLedger => {
  const ledger = day();
  certifySealer(ledger);
  for (let n = 0; n < 3; n += 1) act(ledger, { operation: 'read', resource: 'db:shop/orders/1' });
  return ledger;
};

test('a permitted action shows itself: sealed, within, and small', async () => {
  const ledger = busy();
  const asked = act(ledger, { operation: 'read', resource: 'db:shop/orders/2' });
  act(ledger, { agent: OTHER, operation: 'read', resource: 'db:shop/orders/2' });
  const text = await receiptOf(ledger, asked);
  const report = await judge(ledger, text);
  expect(report.findings).toEqual([]);
  expect(report.record.verdict).toBe('SEALED');
  expect(report.authority).toMatchObject({ verdict: 'WITHIN', receipts: { within: 1 } });
  expect(report.counts.junk).toBe(0);
  expect(exitCodeOf(report)).toBe(0);
  expect(text.length).toBeLessThan(24 * 1024);
});

test('an approved action shows its votes, by an enforcement point, after the boundary has changed', async () => {
  const ledger = founded();
  certifySealer(ledger);
  act(ledger);
  const asked = escalate(ledger);
  vote(ledger, asked, 'ann');
  vote(ledger, asked, 'ben');
  issue(ledger, asked, POINT);
  outcome(ledger, asked, POINT);
  change(
    ledger,
    { do: 'publish-boundary', boundary: { ...boundary, spec: { ...boundary.spec, receiptSeconds: 20 } } },
    'olga',
  );
  const report = await judge(ledger, await receiptOf(ledger, asked));
  expect(report.findings).toEqual([]);
  expect(report.counts.byFamily).toMatchObject({ decision: 1, approval: 4, authority: 1, outcome: 1 });
  expect(exitCodeOf(report)).toBe(0);
});

test('a decision without a receipt is undetermined: nothing was authorised that it could show', async () => {
  const ledger = busy();
  const report = await judge(ledger, await receiptOf(ledger, decide(ledger, { operation: 'drop' })));
  expect(codesOf(report.findings)).toEqual(['WRIT-VER-231']);
  expect(exitCodeOf(report)).toBe(3);
});

test('a receipt that the boundary does not give is a violation in its own portable receipt', async () => {
  const ledger = founded();
  certifySealer(ledger);
  const asked = decide(ledger, { operation: 'read', resource: 'db:shop/orders/2' });
  const signed = request(ledger, asked);
  const [draft] = receiptDrafts(ledger, asked, signed);
  ledger.write(
    altered(draft!, () => ({ when: { issued: ledger.now(), expires: iso(ledger.ms() + 3_600_000) } })),
  );
  const report = await judge(ledger, await receiptOf(ledger, asked));
  expect(report.record.verdict).toBe('SEALED');
  expect(report.authority.verdict).toBe('VIOLATION');
  expect(exitCodeOf(report)).toBe(2);
});

test('witnesses count for a receipt as for a bundle', async () => {
  const ledger = busy();
  const asked = act(ledger, { operation: 'read', resource: 'db:shop/orders/2' });
  const bank = witness('bank.example/w');
  const text = await receiptOf(ledger, asked, sealed(ledger, ledger.messages, { witnesses: [bank] }));
  const report = await verifyReceipt(text, trustIn(ledger, { witnesses: policyOf([bank], 1) }));
  expect(report?.record.verdict).toBe('WITNESSED');
});

type Loose = { messages: { seq: number; frame: { signed: { type: string } } }[]; [more: string]: unknown };

test('a receipt without one of its messages is not within anything', async () => {
  const ledger = busy();
  const text = await receiptOf(ledger, act(ledger, { operation: 'read', resource: 'db:shop/orders/2' }));
  const whole = JSON.parse(text) as Loose;
  for (const [n, { frame }] of whole.messages.entries()) {
    if (frame.signed.type.startsWith('writ.outcome.')) continue;
    const cut = { ...whole, messages: whole.messages.filter((_, at) => at !== n) };
    const report = await judge(ledger, `${canonicalize(cut)}\n`);
    expect(exitCodeOf(report)).not.toBe(0);
  }
});

test('any single-byte change of a receipt gives a non-zero exit status, or is no receipt at all', async () => {
  const ledger = busy();
  const text = Buffer.from(
    await receiptOf(ledger, act(ledger, { operation: 'read', resource: 'db:shop/orders/2' })),
  );
  const change = fc.record({ at: fc.nat(text.length - 1), xor: fc.integer({ min: 1, max: 127 }) });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, xor }) => {
      const mutated = Buffer.from(text);
      mutated[at] = mutated[at]! ^ xor;
      const report = await verifyReceipt(mutated.toString('utf8'), trustIn(ledger));
      expect(report === undefined ? 1 : exitCodeOf(report)).not.toBe(0);
    }),
    { numRuns: 300 },
  );
}, 60_000);
