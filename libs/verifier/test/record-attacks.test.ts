// Attacks on the record: what was written is altered, left out, reordered, or signed by a key that may not.
import { LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { FRAME_OFFSETS, fromBase64url, type KeyPair, pae, signBytes, toBase64url } from '@writ/crypto';
import { expect, test } from 'vitest';
import { exitCodeOf, type Report, type StoredMessage, verifyLedger } from '../src/index.js';
import { act, decide, halt, release } from './story/actions.js';
import { AGENT, ENV, type TestLedger } from './story/ledger.js';
import { certificate, change } from './story/organisation.js';
import { day, founded } from './story/story.js';
import { codesOf, renumber, seqsOf, stream, verify } from './story/verifying.js';

const DECISIONS = `gov.ledger.decision.${ENV}`;
const AUTHORITY = `gov.ledger.authority.${ENV}`;

const of = (ledger: TestLedger, subject: string) =>
  ledger.messages.filter((message) => message.subject === subject);

const textOf = ({ bytes }: StoredMessage): string => new TextDecoder().decode(bytes);

const withBytes = (ledger: TestLedger, seq: number, bytes: Uint8Array): readonly StoredMessage[] =>
  ledger.messages.map((message) => (message.seq === seq ? { ...message, bytes } : message));

const edited = (ledger: TestLedger, seq: number, edit: (text: string) => string) => {
  const before = textOf(ledger.messages[seq - 1]!);
  const after = edit(before);
  expect(after).not.toBe(before);
  return withBytes(ledger, seq, new TextEncoder().encode(after));
};

const expectInvalid = (report: Report, ...codes: readonly string[]): void => {
  expect(report.record.verdict).toBe('INVALID');
  expect(codesOf(report.record.findings)).toEqual(codes);
  expect(exitCodeOf(report)).toBe(1);
};

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

const documentText = (message: StoredMessage): string => textOf(message).slice(157, -1);

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
