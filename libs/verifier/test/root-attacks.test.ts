// What a stolen registrar's key, one root of several, or an old endorsement cannot do. Really signed, and judged from the pinned roots alone.
import { endorses, link, openLedgerFrame } from '@writ/crypto';
import { distrustOf } from '@writ/domain';
import { expect, test } from 'vitest';
import { verifyLedger } from '../src/index.js';
import { ORG, type TestLedger } from './story/ledger.js';
import { certificate, change, command } from './story/organisation.js';
import { appoint, appointmentIn, foundedByRoots, pinnedIn } from './story/roots.js';
import { stream } from './story/verifying.js';

const rules = { open: openLedgerFrame, endorses, link };
const distrustOfAll = (ledger: TestLedger) => distrustOf(pinnedIn(ledger), ledger.messages, rules);
const verdictOn = (ledger: TestLedger, from = ledger) =>
  verifyLedger(stream(ledger.messages), {
    ...pinnedIn(from),
    complete: true,
    distrust: distrustOfAll(ledger),
  });

/** The thief, with the registrar's key alone, on a command that only the thief signed. */
const certifyByThief = (ledger: TestLedger, name: string, role: 'root' | 'registrar') => {
  const key = certificate(ledger, name, role, role === 'root' ? 'root' : 'registry', ORG);
  const { frame } = command(ledger, 'nobody', 'registry', { do: 'certify-key', key });
  const id = ledger.nextId();
  const type = 'writ.registry.key-certified.v1' as const;
  const draft = { id: `${id}.registry.0`, type, causationid: id, correlationid: id };
  ledger.write({ ...draft, data: { key, command: frame } } as never, { key: ledger.keyOf('registrar') });
  // Junk counts in no chain: what follows is written as if it were not there.
  const { seq, subject, bytes } = ledger.messages.at(-1) as (typeof ledger.messages)[number];
  ledger.undo();
  ledger.store(subject, bytes);
  return seq;
};

test('a stolen registrar makes no roots, so that what the true roots distrust stays distrusted', async () => {
  const ledger = foundedByRoots();
  for (const name of ['fake-1', 'fake-2']) certifyByThief(ledger, name, 'root');
  const { registrar } = ledger.states.registry;
  const honest = appoint(ledger, 'registrar-2', appointmentIn(ledger, 'registrar-2', { from: 2 }));
  expect([...distrustOfAll(ledger)]).toEqual([[registrar, 2]]);
  const own = { from: honest.seq, by: ['fake-1', 'fake-2'] };
  appoint(ledger, 'thief', appointmentIn(ledger, 'thief', own));
  expect([...distrustOfAll(ledger)]).toEqual([[registrar, 2]]);
  const report = await verdictOn(ledger);
  expect(report.junk).toEqual({ 'WRIT-ADM-013': 2, 'WRIT-ADM-011': 1 });
  expect(report.counts).toMatchObject({ events: 2, void: 0 });
});

test('a stolen registrar certifies no further registrar, which would outlive its own end', async () => {
  const ledger = foundedByRoots();
  certifyByThief(ledger, 'second', 'registrar');
  appoint(ledger, 'registrar-2');
  const report = await verdictOn(ledger);
  expect(report.junk).toEqual({ 'WRIT-ADM-013': 1 });
  expect(report.counts.events).toBe(2);
});

test('an appointment of one ledger is nothing in another of the same organisation and roots', async () => {
  const one = foundedByRoots();
  const endorsed = appointmentIn(one, 'registrar-2');
  const second = foundedByRoots(2, one);
  appoint(second, 'registrar-2', endorsed);
  expect((await verdictOn(second, one)).junk).toEqual({ 'WRIT-ADM-014': 1 });
  appoint(one, 'registrar-2', endorsed);
  expect((await verdictOn(one)).junk).toEqual({});
});

test('an appointment that was endorsed and not used is nothing once another was appointed', async () => {
  const ledger = foundedByRoots();
  const unused = appointmentIn(ledger, 'registrar-2', { revokes: null });
  appoint(ledger, 'registrar-3');
  appoint(ledger, 'registrar-2', unused);
  expect((await verdictOn(ledger)).junk).toEqual({ 'WRIT-ADM-014': 1 });
});

test('a genesis with a lower threshold than the pinned one founds nothing: one root would command alone', async () => {
  const ledger = foundedByRoots(1);
  const key = certificate(ledger, 'eve', 'person', 'eve', ORG);
  const grants = [{ role: 'admin', scope: ORG }] as const;
  change(ledger, { do: 'add-person', person: 'eve', grants: [...grants], key }, 'root');
  const report = await verdictOn(ledger);
  expect(report.junk['WRIT-ADM-011']).toBe(1);
  expect(report.counts.events).toBe(0);
});
