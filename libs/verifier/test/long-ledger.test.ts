// A ledger longer than the window: frames verified ahead of their turn and after the keys they need, decisions long forgotten.
import { expect, test } from 'vitest';
import { type Progress, verifyLedger } from '../src/index.js';
import { act, decide } from './story/actions.js';
import { AGENT, createLedger, ENV, ORG } from './story/ledger.js';
import { certificate, change, found } from './story/organisation.js';
import { founded } from './story/story.js';
import { stream, verify } from './story/verifying.js';

const read = { operation: 'read', resource: 'db:shop/orders/1' };

test('a ledger many windows long is clean, and progress is told', async () => {
  const ledger = founded();
  for (let n = 0; n < 400; n += 1) act(ledger, read);
  const told: Progress[] = [];
  const report = await verifyLedger(
    stream(ledger.messages),
    { org: ORG, roots: ledger.roots(), complete: true },
    (progress) => told.push(progress),
  );
  expect(report.findings).toEqual([]);
  expect(report.authority.receipts.within).toBe(400);
  expect(told).toEqual([{ messages: 1_000, seq: 1_000 }]);
}, 60_000);

test('a key that is certified inside the window counts from its certificate on', async () => {
  const ledger = createLedger();
  found(ledger);
  for (let n = 0; n < 200; n += 1) decide(ledger, { operation: 'drop' });
  const agent = `${ENV}.newcomer`;
  const key = certificate(ledger, agent, 'agent', agent, agent);
  change(ledger, { do: 'register-agent', agent, owner: 'olga', key }, 'olga');
  act(ledger, { ...read, agent });
  act(ledger, { ...read, agent: AGENT });
  expect((await verify(ledger)).findings).toEqual([]);
});

test('permits that were never used are forgotten, and counters stay exact across hours', async () => {
  const ledger = founded();
  for (let hour = 0; hour < 3; hour += 1) {
    for (let n = 0; n < 6; n += 1) decide(ledger);
    for (let n = 0; n < 400; n += 1) ledger.store(`gov.ledger.stop.${ENV}`, new Uint8Array(8));
    ledger.pass(3_601);
  }
  const report = await verify(ledger);
  expect(report.findings).toEqual([]);
  expect(report.counts).toMatchObject({ decisions: 18, junk: 1_200 });
});
