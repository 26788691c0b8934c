// Keys and places: what a key may not write, frames out of their place, another root, a missing beginning.
import { expect, test } from 'vitest';
import { exitCodeOf, verifyLedger } from '../src/index.js';
import { act, decide } from './story/actions.js';
import { AGENT, type TestLedger } from './story/ledger.js';
import { certificate, change } from './story/organisation.js';
import { halt } from './story/people.js';
import { day, founded } from './story/story.js';
import { AUTHORITY, DECISIONS, documentText, expectInvalid, of, textOf } from './story/tampering.js';
import { codesOf, stream, verify } from './story/verifying.js';

test('an event of a key that nobody certified is junk and has no effect', async () => {
  const ledger = founded();
  halt(ledger, 'halt-1');
  const honest = ledger.messages.length;
  ledger.write(releaseNobodySigned(ledger), { key: ledger.keyOf('stranger') });
  const report = await verify(ledger);
  expect(ledger.messages.length).toBe(honest + 1);
  expect(report.junk).toEqual({ 'WRIT-FRM-005': 1 });
  expect(exitCodeOf(report)).toBe(0);
});

const releaseNobodySigned = (ledger: TestLedger) => ({
  id: `${ledger.nextId()}.authority.0.shop.prod`,
  type: 'writ.authority.permit-revoked.v1' as const,
  agent: AGENT,
  causationid: 'x',
  correlationid: 'x',
  data: { agent: AGENT, intentId: ledger.nextId(), codes: ['none'] },
});

test('a key used outside its role writes junk: the decision service cannot issue a receipt', async () => {
  const ledger = founded();
  act(ledger);
  const receipt = of(ledger, AUTHORITY).at(-1)!;
  const before = await verify(ledger);
  const signed = JSON.parse(documentText(receipt)) as { readonly type: string };
  const { type, id, agent, causationid, correlationid, data } = signed as never as Parameters<
    TestLedger['write']
  >[0];
  ledger.write(
    { type, id, agent: agent!, causationid, correlationid, data },
    { key: ledger.keyOf('decision'), source: 'decision' },
  );
  const report = await verify(ledger);
  expect(report.junk).toEqual({ 'WRIT-FRM-007': 1 });
  expect(report.counts.receipts).toBe(before.counts.receipts);
  expect(exitCodeOf(report)).toBe(0);
});

test('what a key signs before it is certified is junk', async () => {
  const ledger = founded();
  const decision = { key: ledger.keyOf('decision-2') };
  decide(ledger, { operation: 'drop' }, decision);
  change(ledger, {
    do: 'certify-key',
    key: certificate(ledger, 'decision-2', 'decision', 'decision', 'acme'),
  });
  const report = await verify(ledger);
  expect(report.junk).toEqual({ 'WRIT-FRM-005': 1 });
  expect(report.counts.decisions).toBe(0);
});

test('what a key signs after its revocation is VOID: it keeps its place and has no effect', async () => {
  const ledger = founded();
  change(ledger, {
    do: 'certify-key',
    key: certificate(ledger, 'decision-2', 'decision', 'decision', 'acme'),
  });
  change(ledger, { do: 'revoke-key', kid: ledger.keyOf('decision').kid, reason: 'compromised' }, 'olga');
  const before = ledger.states.decision;
  const { decision } = decide(ledger, { operation: 'drop' });
  ledger.states.decision = before;
  decide(ledger, { operation: 'drop' }, { key: ledger.keyOf('decision-2') });
  const report = await verify(ledger);
  expect(report.findings).toMatchObject([{ verdict: 'VOID', code: 'WRIT-VER-160', seq: decision.seq }]);
  expect(report.counts).toMatchObject({ void: 1, junk: 0, decisions: 1 });
  expect(exitCodeOf(report)).toBe(0);
});

test('a key distrusted backwards says how much was judged before that was known', async () => {
  const ledger = founded();
  act(ledger);
  change(
    ledger,
    { do: 'distrust-key', kid: ledger.keyOf('decision').kid, from: 5, reason: 'compromised' },
    'olga',
  );
  const report = await verify(ledger);
  expect(codesOf(report.authority.findings)).toEqual(['WRIT-VER-169']);
  expect(exitCodeOf(report)).toBe(3);
});

test('a frame on a subject that it does not name is junk there', async () => {
  const ledger = day();
  const frame = of(ledger, DECISIONS)[0]!;
  ledger.store('gov.ledger.decision.acme.shop.staging', frame.bytes);
  ledger.store(AUTHORITY, frame.bytes);
  const report = await verify(ledger);
  expect(report.junk['WRIT-FRM-008']).toBe(2);
  expect(exitCodeOf(report)).toBe(0);
});

test('an old frame replayed on its own subject is junk there', async () => {
  const ledger = day();
  const receipt = of(ledger, AUTHORITY).at(-1)!;
  const engaged = ledger.messages.find((message) => textOf(message).includes('halt-engaged'))!;
  ledger.store(AUTHORITY, receipt.bytes);
  ledger.store(AUTHORITY, engaged.bytes);
  const report = await verify(ledger);
  expect(report.junk).toMatchObject({ 'WRIT-ADM-003': 1, 'WRIT-ADM-006': 1 });
  expect(exitCodeOf(report)).toBe(0);
});

test('another root key than the pinned one founds nothing', async () => {
  const ledger = day();
  const roots = [{ kid: ledger.keyOf('another').kid, x: ledger.keyOf('another').x }];
  const report = await verifyLedger(stream(ledger.messages), { org: 'acme', roots, complete: true });
  expectInvalid(report, 'WRIT-VER-106');
  expect(report.counts.events).toBe(0);
});

test('a ledger that is not here from its beginning is undetermined, not clean', async () => {
  const ledger = day();
  const roots = ledger.roots();
  const report = await verifyLedger(stream(ledger.messages.slice(10)), {
    org: 'acme',
    roots,
    complete: false,
  });
  expect(report.record.verdict).toBe('UNANCHORED');
  expect(report.authority.verdict).toBe('UNDETERMINED');
  expect(exitCodeOf(report)).toBe(3);
});

test('a ledger whose beginning was cut off is invalid when it should be complete', async () => {
  const ledger = day();
  const report = await verify(ledger, ledger.messages.slice(10));
  expectInvalid(report, 'WRIT-VER-101', 'WRIT-VER-106');
});
