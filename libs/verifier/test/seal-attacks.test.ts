// Attacks on the end and the whole of a record: what a checkpoint shows, what only one kept outside shows, what only a witness shows.
import { signBytes, signNote, toBase64url } from '@writ/crypto';
import { expect, test } from 'vitest';
import {
  exitCodeOf,
  formatReport,
  type Report,
  type StoredMessage,
  type Trust,
  verifyLedger,
} from '../src/index.js';
import { act } from './story/actions.js';
import type { TestLedger } from './story/ledger.js';
import { change } from './story/organisation.js';
import { certifySealer, originOf, policyOf, sealed, textOver, trustIn, witness } from './story/sealing.js';
import { day, founded } from './story/story.js';
import { AUTHORITY, edited, expectInvalid, of } from './story/tampering.js';
import { codesOf, stream } from './story/verifying.js';

const sealedDay = (): TestLedger => {
  const ledger = founded();
  certifySealer(ledger);
  act(ledger);
  act(ledger, { operation: 'read', resource: 'db:shop/orders/17' });
  ledger.store(AUTHORITY, new TextEncoder().encode('junk of somebody'));
  act(ledger);
  return ledger;
};

type Judging = Partial<Trust> & { readonly checkpoint?: string | undefined };

const judge = (
  ledger: TestLedger,
  messages: readonly StoredMessage[],
  more: Judging = {},
): Promise<Report> => {
  const { checkpoint, ...trust } = more;
  return verifyLedger(stream(messages), { ...trustIn(ledger, trust), complete: true, checkpoint });
};

const diverged = (report: Report, code: string): void => {
  expect(codesOf(report.record.findings)).toEqual([code]);
  expect(report.record.verdict).toBe('DIVERGED');
  expect(exitCodeOf(report)).toBe(4);
};

test('a ledger without a checkpoint is unanchored, and weaker than sealed', async () => {
  const ledger = sealedDay();
  const report = await judge(ledger, ledger.messages);
  expect(report.record.verdict).toBe('UNANCHORED');
  expect(report.origin).toBe(originOf(ledger.messages));
  expect(exitCodeOf(report)).toBe(0);
  expect(exitCodeOf(report, 'sealed')).toBe(5);
});

test('a checkpoint of the certified sealer seals it; what came later is counted as unsealed', async () => {
  const ledger = sealedDay();
  const checkpoint = sealed(ledger);
  act(ledger);
  const report = await judge(ledger, ledger.messages, { checkpoint, origin: originOf(ledger.messages) });
  expect(report.findings).toEqual([]);
  expect(report.record.verdict).toBe('SEALED');
  expect(report.seal).toMatchObject({ unsealed: 3, heads: 'holds', sealer: ledger.keyOf('sealer').kid });
  expect(report.authority.beyondSeal).toBe(1);
  expect(exitCodeOf(report)).toBe(0);
  expect(formatReport(report)).toContain('1 of them beyond the checkpoint, not sealed');
  expect(exitCodeOf(report, 'sealed')).toBe(5);
  expect(exitCodeOf(report, 'witnessed')).toBe(5);
});

test('as many operators as asked for make it witnessed; two keys of one operator count once', async () => {
  const ledger = sealedDay();
  const [bank, law, twin] = [
    witness('bank.example/w'),
    witness('law.example/w'),
    witness('bank.example/w2', 'bank.example/w'),
  ];
  const witnesses = policyOf([bank, law, twin], 2);
  const both = await judge(ledger, ledger.messages, {
    checkpoint: sealed(ledger, ledger.messages, { witnesses: [bank, law] }),
    witnesses,
  });
  expect(both.record.verdict).toBe('WITNESSED');
  expect(both.seal?.witnesses.map(({ operator }) => operator)).toEqual(['bank.example/w', 'law.example/w']);
  expect(exitCodeOf(both, 'witnessed')).toBe(0);
  const one = await judge(ledger, ledger.messages, {
    checkpoint: sealed(ledger, ledger.messages, { witnesses: [bank, twin] }),
    witnesses,
  });
  expect(one.record.verdict).toBe('SEALED');
  expect(exitCodeOf(one, 'witnessed')).toBe(5);
});

test('a byte of junk edited is found by the checkpoint alone', async () => {
  const ledger = sealedDay();
  const junk = ledger.messages.find(({ bytes }) => bytes.length < 50)!;
  const messages = edited(ledger, junk.seq, (text) => text.replace('junk', 'dunk'));
  expect((await judge(ledger, messages)).record.verdict).toBe('UNANCHORED');
  expectInvalid(await judge(ledger, messages, { checkpoint: sealed(ledger) }), 'WRIT-VER-202');
});

test('a changed server time that nothing else shows is found by the checkpoint', async () => {
  const ledger = sealedDay();
  const at = ledger.messages.length - 2;
  const later = new Date(Date.parse(ledger.messages[at]!.time) + 7).toISOString();
  const messages = ledger.messages.map((message, n) => (n === at ? { ...message, time: later } : message));
  expect(messages).not.toEqual(ledger.messages);
  expect((await judge(ledger, messages)).record.verdict).toBe('UNANCHORED');
  expectInvalid(await judge(ledger, messages, { checkpoint: sealed(ledger) }), 'WRIT-VER-202');
});

test('a tail cut off together with the newest checkpoint is diverged from one kept outside', async () => {
  const ledger = sealedDay();
  const outside = [sealed(ledger)];
  const cut = ledger.messages.slice(0, -3);
  const older = sealed(ledger, ledger.messages.slice(0, -5));
  const alone = await judge(ledger, cut, { checkpoint: older });
  expect(alone.record.verdict).toBe('SEALED');
  diverged(await judge(ledger, cut, { checkpoint: older, outside }), 'WRIT-VER-211');
});

test('a tail cut off behind the checkpoint that came along is invalid without anything from outside', async () => {
  const ledger = sealedDay();
  expectInvalid(
    await judge(ledger, ledger.messages.slice(0, -3), { checkpoint: sealed(ledger) }),
    'WRIT-VER-203',
  );
});

test('a tail cut off and sealed again by the sealer is shown only by a checkpoint from outside', async () => {
  const ledger = sealedDay();
  const outside = [sealed(ledger)];
  const cut = ledger.messages.slice(0, -3);
  const checkpoint = sealed(ledger, cut);
  const alone = await judge(ledger, cut, { checkpoint });
  expect(alone.record.verdict).toBe('SEALED');
  expect(exitCodeOf(alone)).toBe(0);
  diverged(await judge(ledger, cut, { checkpoint, outside }), 'WRIT-VER-211');
});

/** The same keys, another history: what somebody with every private key can write. */
const rewritten = (ledger: TestLedger) => {
  const before = [...ledger.messages];
  const bank = witness('bank.example/w');
  const seen = sealed(ledger, before, { witnesses: [bank] });
  for (let n = 0; n < 3; n += 1) ledger.undo();
  act(ledger, { operation: 'read', resource: 'db:shop/orders/99' });
  expect(ledger.messages.length).toBe(before.length);
  expect(ledger.messages).not.toEqual(before);
  return { seen, bank, checkpoint: sealed(ledger) };
};

test('a history rewritten with every key of the plane is shown only by what a witness has seen', async () => {
  const ledger = sealedDay();
  const { seen, bank, checkpoint } = rewritten(ledger);
  const witnesses = policyOf([bank], 1);
  const alone = await judge(ledger, ledger.messages, { checkpoint, witnesses });
  expect(alone.findings).toEqual([]);
  expect(alone.record.verdict).toBe('SEALED');
  expect(exitCodeOf(alone, 'witnessed')).toBe(5);
  const report = await judge(ledger, ledger.messages, { checkpoint, witnesses, outside: [seen] });
  expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-212', 'WRIT-VER-213']);
  expect(report.record.verdict).toBe('DIVERGED');
});

test('a rewritten history whose sealer has another key is still shown by the witness', async () => {
  const ledger = sealedDay();
  const bank = witness('bank.example/w');
  const seen = sealed(ledger, ledger.messages, { witnesses: [bank], by: [] });
  const cut = ledger.messages.slice(0, -3);
  diverged(await judge(ledger, cut, { witnesses: policyOf([bank], 1), outside: [seen] }), 'WRIT-VER-211');
});

test('a checkpoint for a smaller tree that is no prefix is diverged', async () => {
  const ledger = sealedDay();
  const smaller = ledger.messages.slice(0, -3);
  const other = smaller.map((message, n) =>
    n === smaller.length - 1 ? { ...message, bytes: new Uint8Array(3) } : message,
  );
  const outside = [sealed(ledger, other)];
  expect(outside[0]).not.toBe(sealed(ledger, smaller));
  diverged(await judge(ledger, ledger.messages, { checkpoint: sealed(ledger), outside }), 'WRIT-VER-212');
  const honest = await judge(ledger, ledger.messages, {
    checkpoint: sealed(ledger),
    outside: [sealed(ledger, smaller)],
  });
  expect(honest.record.verdict).toBe('SEALED');
  expect(honest.outside[0]?.standing).toBe('consistent');
});

test('two checkpoints of one size with two roots are diverged, though one of them fits', async () => {
  const ledger = sealedDay();
  const other = ledger.messages.map((message, n) =>
    n === 10 ? { ...message, bytes: new Uint8Array(3) } : message,
  );
  const outside = [sealed(ledger), sealed(ledger, other)];
  const report = await judge(ledger, ledger.messages, { outside });
  expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-212', 'WRIT-VER-213']);
  expect(exitCodeOf(report)).toBe(4);
});

test('a checkpoint by a key that is not the sealer, or no longer, seals nothing', async () => {
  const ledger = sealedDay();
  expectInvalid(
    await judge(ledger, ledger.messages, {
      checkpoint: sealed(ledger, ledger.messages, { by: ['decision'] }),
    }),
    'WRIT-VER-201',
  );
  expectInvalid(
    await judge(ledger, ledger.messages, {
      checkpoint: sealed(ledger, ledger.messages, { by: [], witnesses: [witness('w')] }),
    }),
    'WRIT-VER-201',
  );
  const before = sealed(ledger);
  change(ledger, { do: 'revoke-key', kid: ledger.keyOf('sealer').kid, reason: 'compromised' });
  expectInvalid(await judge(ledger, ledger.messages, { checkpoint: sealed(ledger) }), 'WRIT-VER-201');
  expect((await judge(ledger, ledger.messages, { checkpoint: before })).record.verdict).toBe('SEALED');
});

test('a signature under a checkpoint that was altered refuses it', async () => {
  const ledger = sealedDay();
  const text = textOver(ledger.messages);
  const { name, id } = signNote(text, originOf(ledger.messages), ledger.keyOf('sealer'));
  const forged = Buffer.alloc(68);
  forged.writeUInt32BE(id);
  forged.set(signBytes(ledger.keyOf('sealer'), Buffer.from(`${text} `)), 4);
  const checkpoint = `${text}\n— ${name} ${forged.toString('base64')}\n`;
  expect(toBase64url(forged)).not.toBe('');
  expectInvalid(await judge(ledger, ledger.messages, { checkpoint }), 'WRIT-VER-208');
});

test('heads or a time that are not those of the messages are invalid, though the sealer signed them', async () => {
  const ledger = sealedDay();
  const text = textOver(ledger.messages);
  const heads = text.replace(/heads .*/, `heads ${Buffer.alloc(32, 7).toString('base64')}`);
  const time = text.replace(/time .*/, 'time 2026-01-01T00:00:00.000Z');
  expectInvalid(
    await judge(ledger, ledger.messages, { checkpoint: sealed(ledger, [], { text: heads }) }),
    'WRIT-VER-206',
  );
  expectInvalid(
    await judge(ledger, ledger.messages, { checkpoint: sealed(ledger, [], { text: time }) }),
    'WRIT-VER-207',
  );
});

test('another ledger than the pinned one is invalid, under the same roots and with a checkpoint of its own', async () => {
  const ledger = sealedDay();
  const origin = originOf(day().messages);
  expect(origin).not.toBe(originOf(ledger.messages));
  expectInvalid(await judge(ledger, ledger.messages, { origin }), 'WRIT-VER-204');
  expectInvalid(
    await judge(ledger, ledger.messages, {
      checkpoint: sealed(ledger, [], { text: textOver(ledger.messages, origin) }),
    }),
    'WRIT-VER-204',
  );
});

test('what is no checkpoint, and an outside one that nobody known has signed, are not passed over', async () => {
  const ledger = sealedDay();
  expectInvalid(await judge(ledger, ledger.messages, { checkpoint: 'hello' }), 'WRIT-VER-205');
  for (const outside of [['hello'], [sealed(ledger, ledger.messages, { by: ['ann'] })]]) {
    const report = await judge(ledger, ledger.messages, { outside });
    expect(codesOf(report.findings)).toEqual(['WRIT-VER-214']);
    expect(exitCodeOf(report)).toBe(3);
  }
});

test('the genesis must be agreed to by as many pinned roots as the auditor asks for', async () => {
  const ledger = sealedDay();
  expect(of(ledger, AUTHORITY).length).toBeGreaterThan(0);
  expectInvalid(await judge(ledger, ledger.messages, { threshold: 2 }), 'WRIT-VER-106');
});

test('an old witnessed checkpoint says nothing about what came after it', async () => {
  const ledger = sealedDay();
  const bank = witness('bank.example/w');
  const witnesses = policyOf([bank], 1);
  const old = sealed(ledger, ledger.messages, { witnesses: [bank] });
  act(ledger);
  const alone = await judge(ledger, ledger.messages, { checkpoint: old, witnesses });
  expect(exitCodeOf(alone, 'witnessed')).toBe(5);
  const checkpoint = sealed(ledger);
  const both = await judge(ledger, ledger.messages, { checkpoint, witnesses, outside: [old] });
  expect(both.record.verdict).toBe('SEALED');
  expect(both.seal?.unsealed).toBe(0);
  expect(exitCodeOf(both, 'sealed')).toBe(0);
  expect(exitCodeOf(both, 'witnessed')).toBe(5);
  const same = sealed(ledger, ledger.messages, { witnesses: [bank] });
  const now = await judge(ledger, ledger.messages, { checkpoint, witnesses, outside: [old, same] });
  expect(exitCodeOf(now, 'witnessed')).toBe(0);
});

test.each(['heads', 'time'])('a signed text with other %s for the same tree is diverged', async (line) => {
  const ledger = sealedDay();
  const value = line === 'heads' ? Buffer.alloc(32, 7).toString('base64') : '2026-01-01T00:00:00.000Z';
  const other = (size: number): string => {
    const messages = ledger.messages.slice(0, size);
    return sealed(ledger, messages, {
      text: textOver(messages).replace(new RegExp(`${line} .*`), `${line} ${value}`),
    });
  };
  const size = ledger.messages.length;
  const checkpoint = sealed(ledger);
  const now = await judge(ledger, ledger.messages, { checkpoint, outside: [other(size)] });
  expect(codesOf(now.record.findings)).toEqual(['WRIT-VER-212', 'WRIT-VER-213']);
  diverged(await judge(ledger, ledger.messages, { checkpoint, outside: [other(size - 3)] }), 'WRIT-VER-212');
});
