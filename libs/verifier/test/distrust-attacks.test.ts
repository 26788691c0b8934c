// Keys distrusted from before: whoever says so, and in whatever an auditor is handed, what they signed since counts for nothing.
import { expect, test } from 'vitest';
import { distrustIn, exitCodeOf, makeReceipt, verifyLedger, verifyReceipt } from '../src/index.js';
import { act } from './story/actions.js';
import { appointInstead } from './story/appointing.js';
import { bundleOf, verifyFolder } from './story/bundles.js';
import { AGENT, ORG, type TestLedger } from './story/ledger.js';
import { change } from './story/organisation.js';
import { certifySealer, sealed, trustIn } from './story/sealing.js';
import { founded } from './story/story.js';
import { codesOf, stream } from './story/verifying.js';

/** A stolen registrar certifies a sealer of its own, and the roots say later that it was stolen by then. */
const stolen = (): TestLedger => {
  const ledger = founded();
  const { seq } = certifySealer(ledger);
  act(ledger);
  appointInstead(ledger, seq);
  return ledger;
};

test.each([
  ['the whole ledger', { kind: 'full' }],
  ['an agent', { kind: 'subject', agent: AGENT }],
  ['a sample', { kind: 'sample', count: 5, intents: false }],
] as const)(
  'roots that appoint another registrar distrust backwards in a bundle of %s',
  async (_name, query) => {
    const ledger = stolen();
    const report = await verifyFolder(ledger, await bundleOf(ledger, query));
    expect(codesOf(report.record.findings)).toContain('WRIT-VER-201');
    expect(report.counts.void).toBe(1);
    expect(exitCodeOf(report)).toBe(1);
  },
);

test('a ledger that was not read for distrust first says that a replaced registrar was distrusted', async () => {
  const ledger = stolen();
  const options = { ...trustIn(ledger), complete: true };
  const unknowing = await verifyLedger(stream(ledger.messages), options);
  expect(codesOf(unknowing.authority.findings)).toContain('WRIT-VER-169');
  const distrust = await distrustIn(stream(ledger.messages), trustIn(ledger));
  const knowing = await verifyLedger(stream(ledger.messages), { ...options, distrust });
  expect(codesOf(knowing.findings)).not.toContain('WRIT-VER-169');
  expect(knowing.counts.void).toBe(1);
});

const receiptOf = async (ledger: TestLedger, intentId: string) => {
  const order = { org: ORG, messages: () => stream(ledger.messages), intentId, checkpoint: sealed(ledger) };
  const text = await makeReceipt(order);
  const report = await verifyReceipt(text, trustIn(ledger));
  if (report === undefined) throw new Error('not a receipt');
  return { text, report };
};

test('a receipt carries the appointment that distrusts the registrar under whom its keys stand', async () => {
  const ledger = founded();
  certifySealer(ledger);
  const asked = act(ledger);
  expect(exitCodeOf((await receiptOf(ledger, asked.document.id)).report)).toBe(0);
  appointInstead(ledger, 2);
  const { text, report } = await receiptOf(ledger, asked.document.id);
  expect(text).toContain('writ.registry.registrar-appointed.v1');
  expect(report.record.verdict).toBe('INVALID');
  expect(report.authority.receipts.within).toBe(0);
  expect(exitCodeOf(report)).toBe(1);
});

test('a receipt whose decision service is distrusted from before it shows no decision', async () => {
  const ledger = founded();
  certifySealer(ledger);
  const asked = act(ledger);
  const { seq } = asked.decision;
  const { kid } = ledger.keyOf('decision');
  change(ledger, { do: 'distrust-key', kid, from: seq, reason: 'compromised' }, 'olga');
  const { report } = await receiptOf(ledger, asked.document.id);
  expect(codesOf(report.findings)).toContain('WRIT-VER-231');
  expect(report.counts.void).toBe(1);
  expect(report.authority.verdict).not.toBe('WITHIN');
  expect(exitCodeOf(report)).not.toBe(0);
});
