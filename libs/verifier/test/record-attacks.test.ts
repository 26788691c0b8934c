// Attacks on the record: what was written is altered, left out, reordered, or signed by a key that may not.
import { LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { FRAME_OFFSETS, fromBase64url, type KeyPair, pae, signBytes, toBase64url } from '@writ/crypto';
import { expect, test } from 'vitest';
import { exitCodeOf } from '../src/index.js';
import { act, decide } from './story/actions.js';
import { AGENT, ENV, type TestLedger } from './story/ledger.js';
import { halt, release } from './story/people.js';
import { day, founded } from './story/story.js';
import {
  AUTHORITY,
  DECISIONS,
  documentText,
  edited,
  expectInvalid,
  of,
  textOf,
  withBytes,
} from './story/tampering.js';
import { codesOf, renumber, seqsOf, verify } from './story/verifying.js';

test('a byte edited in the middle of a chain makes the record invalid there', async () => {
  const ledger = day();
  const victim = of(ledger, DECISIONS)[1]!;
  const next = of(ledger, DECISIONS).find((m) => m.seq > victim.seq && textOf(m).startsWith('{"kid"'))!;
  const report = await verify(
    ledger,
    edited(ledger, victim.seq, (text) => text.replace('"specversion":"1.0"', '"specversion":"1.1"')),
  );
  expectInvalid(report, 'WRIT-VER-105');
  expect(seqsOf(report, 'WRIT-VER-105')).toEqual([victim.seq]);
  expect(next.seq).toBeGreaterThan(victim.seq);
  expect(report.authority.verdict).toBe('UNDETERMINED');
});

test('a byte edited in the last event of a chain is found by its broken signature', async () => {
  const ledger = day();
  const last = of(ledger, `gov.ledger.outcome.${ENV}`).at(-1)!;
  const report = await verify(
    ledger,
    edited(ledger, last.seq, (text) => text.replace('"late":false', '"late":true')),
  );
  expectInvalid(report, 'WRIT-VER-105');
});

test('a deleted event leaves a missing sequence and a broken chain', async () => {
  const ledger = day();
  const victim = of(ledger, DECISIONS)[1]!;
  const report = await verify(
    ledger,
    ledger.messages.filter(({ seq }) => seq !== victim.seq),
  );
  expectInvalid(report, 'WRIT-VER-101', 'WRIT-VER-104');
  expect(report.authority.verdict).toBe('UNDETERMINED');
});

test('a deleted event is found by its chain when the sequences are written anew', async () => {
  const ledger = day();
  const victim = of(ledger, DECISIONS)[1]!;
  const report = await verify(ledger, renumber(ledger.messages.filter(({ seq }) => seq !== victim.seq)));
  expectInvalid(report, 'WRIT-VER-107');
  expect(report.record.findings.map(({ subject }) => subject)).toContain(DECISIONS);
  expect(report.record.verdict).toBe('INVALID');
});

test('a deleted halt is found, though it has no version of its own', async () => {
  const ledger = founded();
  const engaged = halt(ledger, 'halt-1');
  release(ledger, ['halt-1']);
  act(ledger);
  const report = await verify(
    ledger,
    ledger.messages.map((message) =>
      message.seq === engaged.seq ? { ...message, bytes: new Uint8Array(3) } : message,
    ),
  );
  expectInvalid(report, 'WRIT-VER-104');
  expect(report.record.findings[0]?.subject).toBe(AUTHORITY);
});

test('two events of one chain that change places break it', async () => {
  const ledger = day();
  const [a, b] = of(ledger, DECISIONS);
  const swapped = ledger.messages.map((message) => {
    if (message.seq === a!.seq) return { ...message, bytes: b!.bytes };
    return message.seq === b!.seq ? { ...message, bytes: a!.bytes } : message;
  });
  const report = await verify(ledger, swapped);
  expectInvalid(report, 'WRIT-VER-107');
});

test('the last two events of a chain that change places break it as well', async () => {
  const ledger = founded();
  ledger.write({
    id: `${ledger.nextId()}.conduct.0`,
    type: 'writ.conduct.benchmark-recorded.v1',
    agent: AGENT,
    causationid: 'x',
    correlationid: 'x',
    data: benchmark(ledger),
  });
  ledger.write(
    {
      id: `${ledger.nextId()}.conduct.0`,
      type: 'writ.conduct.benchmark-recorded.v1',
      agent: AGENT,
      causationid: 'x',
      correlationid: 'x',
      data: benchmark(ledger),
    },
    { seen: 1 },
  );
  const [a, b] = ledger.messages.slice(-2);
  const swapped = [
    ...ledger.messages.slice(0, -2),
    { ...b!, seq: a!.seq, time: a!.time },
    { ...a!, seq: b!.seq, time: b!.time },
  ];
  expectInvalid(await verify(ledger, swapped), 'WRIT-VER-104');
});

const benchmark = (ledger: TestLedger) => ({
  agent: AGENT,
  name: 'monthly',
  window: { from: ledger.now(), to: ledger.now() },
  counts: { decisions: 1 },
});

test('events of two chains that change places show in the server times', async () => {
  const ledger = founded();
  const first = decide(ledger, { operation: 'drop' }).decision;
  ledger.pass(60);
  const second = halt(ledger, 'halt-1');
  const [a, b] = [ledger.messages[first.seq - 1]!, ledger.messages[second.seq - 1]!];
  const swapped = ledger.messages.map((message) => {
    if (message.seq === a.seq) return { ...b, seq: a.seq };
    return message.seq === b.seq ? { ...a, seq: b.seq } : message;
  });
  const report = await verify(ledger, swapped);
  expectInvalid(report, 'WRIT-VER-103', 'WRIT-VER-107');
});

test('sequences written anew are found by events that then have seen what comes after them', async () => {
  const ledger = day();
  const cut = ledger.messages.filter(({ bytes }) => bytes.length > 50);
  expect(cut.length).toBe(ledger.messages.length - 1);
  expectInvalid(await verify(ledger, renumber(cut)), 'WRIT-VER-107');
});

test('a sequence that comes twice is found', async () => {
  const ledger = founded();
  expectInvalid(await verify(ledger, [...ledger.messages, ledger.messages.at(-1)!]), 'WRIT-VER-102');
});

test('the end of one chain cut off in the middle of the ledger leaves receipts without a decision', async () => {
  const ledger = founded();
  act(ledger);
  const kept = ledger.messages.length;
  act(ledger);
  const cut = ledger.messages.map((message) =>
    message.seq > kept && message.subject === DECISIONS ? { ...message, bytes: new Uint8Array(2) } : message,
  );
  const report = await verify(ledger, cut);
  expect(report.authority.verdict).toBe('VIOLATION');
  expect(codesOf(report.authority.findings)).toEqual(['WRIT-VER-111']);
  expect(report.authority.receipts).toEqual({ within: 1, violation: 1, undetermined: 0 });
  expect(exitCodeOf(report)).toBe(2);
});

/** The order of the base point of Ed25519, little endian. */
const L = BigInt('0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed');

const SIG = FRAME_OFFSETS.sig;

const malleated = (text: string): string => {
  const sig = fromBase64url(text.slice(SIG, SIG + 86))!;
  let s = 0n;
  for (let n = 63; n >= 32; n -= 1) s = (s << 8n) | BigInt(sig[n]!);
  s += L;
  const out = Uint8Array.from(sig);
  for (let n = 32; n < 64; n += 1, s >>= 8n) out[n] = Number(s & 0xffn);
  return text.slice(0, SIG) + toBase64url(out) + text.slice(SIG + 86);
};

test('a malleated signature (S + L) is no signature', async () => {
  const ledger = day();
  const victim = of(ledger, AUTHORITY).at(-1)!;
  const report = await verify(ledger, edited(ledger, victim.seq, malleated));
  expectInvalid(report, 'WRIT-VER-105');
  expect(report.junk['WRIT-FRM-003']).toBe(1);
});

const signedText = (key: KeyPair, text: string): Uint8Array => {
  const sig = toBase64url(signBytes(key, pae(LEDGER_PAYLOAD_TYPE, new TextEncoder().encode(text))));
  return new TextEncoder().encode(`{"kid":"${key.kid}","sig":"${sig}","signed":${text}}`);
};

test('duplicate keys in a document are junk even when its writer signed them', async () => {
  const ledger = day();
  const last = of(ledger, DECISIONS).at(-1)!;
  const doubled = documentText(last).replace('{', '{"agent":"acme.shop.prod.other",');
  const bytes = signedText(ledger.keyOf('decision'), doubled);
  const forged = [
    ...ledger.messages,
    { ...last, seq: ledger.messages.length + 1, time: ledger.now(), bytes },
  ];
  const report = await verify(ledger, forged);
  expect(report.junk['WRIT-FRM-004']).toBe(1);
  expect(report.counts.decisions).toBe((await verify(ledger)).counts.decisions);
  expect(exitCodeOf(report)).toBe(0);
});

test('duplicate keys written into an event in place of its own bytes break its chain', async () => {
  const ledger = day();
  const [victim] = of(ledger, DECISIONS);
  const doubled = documentText(victim!).replace('{', '{"agent":"acme.shop.prod.other",');
  const bytes = signedText(ledger.keyOf('decision'), doubled);
  expectInvalid(await verify(ledger, withBytes(ledger, victim!.seq, bytes)), 'WRIT-VER-104');
});

test('server times that cannot be read make the record invalid and nothing throws', async () => {
  const ledger = day();
  const report = await verify(
    ledger,
    ledger.messages.map((message) => ({ ...message, time: 'yesterday' })),
  );
  expectInvalid(report, 'WRIT-VER-103');
  expect(seqsOf(report, 'WRIT-VER-103').length).toBe(ledger.messages.length);
});

test('changed server times that let a late receipt look timely are found where they run back', async () => {
  const ledger = founded();
  ledger.pass(600);
  decide(ledger, { operation: 'drop' });
  const asked = decide(ledger, { operation: 'drop' });
  const back = ledger.messages.map((message) =>
    message.seq === asked.decision.seq ? { ...message, time: ledger.messages[0]!.time } : message,
  );
  expectInvalid(await verify(ledger, back), 'WRIT-VER-103');
});
