// Session keys: what an agent's session key signed counts as its own, and nothing that is not vouched for, or not in time.
import { subjects } from '@writ/contracts';
import { generateKeyPair } from '@writ/crypto';
import { expect, test } from 'vitest';
import { packMessages, prepareChunk, unpackAnswer } from '../src/frames/chunk.js';
import { prepare } from '../src/frames/prepare.js';
import { exitCodeOf, makeReceipt, verifyReceipt } from '../src/index.js';
import { act } from './story/actions.js';
import { altered, expectViolation } from './story/forging.js';
import { AGENT, ORG, OTHER, POINT, type TestLedger } from './story/ledger.js';
import { certificate, change } from './story/organisation.js';
import { acknowledge, halt, release } from './story/people.js';
import { certifySealer, originOf, sealed, trustIn } from './story/sealing.js';
import { actBy, decideBy, issueBy, type SessionOptions, sessionIn, vouched } from './story/sessions.js';
import { day, founded } from './story/story.js';
import { stream, verify } from './story/verifying.js';

const READ = { operation: 'read', resource: 'db:shop/orders/1' };

const lived = (): TestLedger => {
  const ledger = day();
  const by = sessionIn(ledger);
  actBy(ledger, by, READ);
  actBy(ledger, sessionIn(ledger), READ);
  const asked = decideBy(ledger, by, READ);
  issueBy(ledger, asked, sessionIn(ledger, { agent: POINT }));
  halt(ledger, 'halt-9');
  acknowledge(ledger, ['halt-9']);
  const said = ledger.messages.length;
  const { document } = acknowledge(ledger, ['halt-9'], OTHER);
  expect(ledger.messages.length).toBe(said + 1);
  ledger.undo();
  const other = sessionIn(ledger, { agent: OTHER });
  const data = { agent: OTHER, halts: ['halt-9'], state: 'idle', aborted: 0, heardAt: ledger.now() };
  const ack = ledger.live('ack', other.key, subjects.ack(OTHER), data);
  const { id: _, type, agent, causationid, correlationid } = document;
  const draft = { type, agent: agent!, causationid, correlationid, data: document.data };
  const written = { ...draft, id: `${ack.document.id}.stop.0` };
  ledger.write(
    vouched(
      altered(written, () => ({ ack: ack.frame, heardAt: ledger.now() })),
      other,
    ),
  );
  release(ledger, ['halt-9']);
  return ledger;
};

test('what session keys signed is within authority, whoever else signs with the identity key itself', async () => {
  const ledger = lived();
  act(ledger, READ);
  const report = await verify(ledger);
  expect(report.findings).toEqual([]);
  expect(report.authority.verdict).toBe('WITHIN');
  expect(exitCodeOf(report)).toBe(0);
});

test('a thread finds the same session keys', async () => {
  const ledger = lived();
  const { keys } = ledger.states.registry;
  const known = new Map([...keys.values()].map(({ kid, x }) => [kid, x] as const));
  const { messages } = ledger;
  const imported = new Map<string, ReturnType<typeof generateKeyPair>>();
  const answer = await prepareChunk(packMessages(messages, [...known]), imported as never);
  const found = unpackAnswer(messages, answer);
  let sessions = 0;
  for (const [n, prepared] of found.entries()) {
    const { embedded } = await prepare(messages[n]!, (kid) => imported.get(kid));
    expect(prepared.embedded).toEqual(embedded);
    sessions += [...embedded.values()].filter((live) => live.ok && live.vouched !== undefined).length;
  }
  expect(sessions).toBe(9);
});

test('a portable receipt carries the certificates inside its events', async () => {
  const ledger = founded();
  certifySealer(ledger);
  act(ledger, READ);
  const asked = actBy(ledger, sessionIn(ledger), READ);
  const intentId = asked.document.id;
  const order = { org: ORG, messages: () => stream(ledger.messages), intentId, checkpoint: sealed(ledger) };
  const text = await makeReceipt(order);
  const report = await verifyReceipt(text, trustIn(ledger, { origin: originOf(ledger.messages) }));
  expect(report?.findings).toEqual([]);
  expect(report?.record.verdict).toBe('SEALED');
  expect(report?.authority).toMatchObject({ verdict: 'WITHIN', receipts: { within: 1 } });
});

/** The verdict on an intent under a session key that is wrong in one point. */
const intended = async (options: SessionOptions, more: Parameters<typeof decideBy>[3] = undefined) => {
  const ledger = founded();
  act(ledger, READ);
  decideBy(ledger, sessionIn(ledger, options), READ, more);
  return verify(ledger);
};

test('a session key without its certificate is nobody’s', async () => {
  expectViolation(await intended({}, (draft) => draft), 'WRIT-VER-161');
});

test('a certificate that was tampered with vouches for nothing', async () => {
  for (const change of [
    (signed: Record<string, object>) => ({
      ...signed,
      data: { ...signed['data'], notAfter: '2026-03-02T00:00:00.000Z' },
    }),
    (signed: Record<string, object>) => ({ ...signed, id: '01900000-0000-7000-8000-000000000009' }),
  ]) {
    const ledger = founded();
    const { certificate: held, ...by } = sessionIn(ledger);
    const signed = change(held.frame.signed as Record<string, object>);
    const frame = { ...held.frame, signed } as typeof held.frame;
    decideBy(ledger, { ...by, certificate: { ...held, frame } }, READ);
    expectViolation(await verify(ledger), 'WRIT-VER-161');
  }
});

test('a certificate without the session key’s own word vouches for nothing', async () => {
  const ledger = founded();
  const [by, other] = [sessionIn(ledger), sessionIn(ledger)];
  const { subject, data, id } = by.certificate.document;
  const { possession } = other.certificate.document.data;
  const borrowed = ledger.live('session-key', ledger.keyOf(AGENT), subject, { ...data, possession }, id);
  decideBy(ledger, { ...by, certificate: borrowed }, READ);
  expectViolation(await verify(ledger), 'WRIT-VER-161');
});

test('a session key for more than 24 hours is none', async () => {
  expectViolation(await intended({ from: 0, to: 86_401 }), 'WRIT-VER-161');
});

test('the certificate of another session does not vouch for this one', async () => {
  const ledger = founded();
  const [by, other] = [sessionIn(ledger), sessionIn(ledger)];
  decideBy(ledger, by, READ, (draft) => vouched(draft, other));
  expectViolation(await verify(ledger), 'WRIT-VER-161');
});

test('a session key that an unknown key vouches for is nobody’s', async () => {
  expectViolation(await intended({ identity: generateKeyPair() }), 'WRIT-VER-161');
});

test('an agent vouches for its own session keys alone', async () => {
  const ledger = founded();
  const by = sessionIn(ledger, { agent: AGENT, identity: ledger.keyOf(OTHER) });
  decideBy(ledger, by, READ);
  expectViolation(await verify(ledger), 'WRIT-VER-162');
  const second = founded();
  const other = sessionIn(second, { agent: OTHER });
  decideBy(second, { ...other, agent: AGENT }, READ);
  expectViolation(await verify(second), 'WRIT-VER-162');
});

test('a key of the registry is no session key', async () => {
  const ledger = founded();
  decideBy(ledger, sessionIn(ledger, { key: ledger.keyOf(OTHER) }), READ);
  expectViolation(await verify(ledger), 'WRIT-VER-162');
});

test('a session key signs nothing before or after its time', async () => {
  expectViolation(await intended({ from: 1, to: 60 }), 'WRIT-VER-163');
  expectViolation(await intended({ from: -60, to: 0 }), 'WRIT-VER-163');
  expect((await intended({ from: 0, to: 1 })).findings).toEqual([]);
});

test('a session ends with its identity key, revoked or retired', async () => {
  for (const end of ['revoke-key', 'retire-key'] as const) {
    const ledger = founded();
    const by = sessionIn(ledger);
    actBy(ledger, by, READ);
    const next = certificate(ledger, `${AGENT}-2`, 'agent', AGENT, AGENT);
    change(ledger, { do: 'certify-key', key: next }, 'olga');
    const { kid } = ledger.keyOf(AGENT);
    change(ledger, end === 'revoke-key' ? { do: end, kid, reason: 'compromised' } : { do: end, kid }, 'olga');
    ledger.pass(10);
    expect((await verify(ledger)).findings).toEqual([]);
    decideBy(ledger, by, READ);
    expectViolation(await verify(ledger), 'WRIT-VER-163');
  }
});
