// Attacks on bundles by whoever makes them: every file fits its manifest, which is really signed; only the proofs tell.
import type { BundleManifestData } from '@writ/contracts';
import { generateKeyPair } from '@writ/crypto';
import { expect, test } from 'vitest';
import { exitCodeOf, type Report, type StoredMessage } from '../src/index.js';
import { decide } from './story/actions.js';
import { bundleOf, type Folder, verifyFolder } from './story/bundles.js';
import { AGENT, ENV, ORG, OTHER, type TestLedger } from './story/ledger.js';
import { manifestIn, messagesIn, resigned, withMessages } from './story/resigning.js';
import { certifySealer, sealed, textOver } from './story/sealing.js';
import { day } from './story/story.js';
import { codesOf } from './story/verifying.js';

const ledger: TestLedger = day();
certifySealer(ledger);
for (let n = 0; n < 5; n += 1) decide(ledger, { operation: 'drop' });
const thief = generateKeyPair();
const last = ledger.messages.length;
const subject = { kind: 'subject', agent: AGENT } as const;
const range = { kind: 'range', from: 30, to: 50 } as const;
const sample = { kind: 'sample', count: 6, intents: false } as const;

const invalid = (report: Report, ...codes: readonly string[]): void => {
  expect(report.record.verdict).toBe('INVALID');
  expect(codesOf(report.record.findings)).toEqual(codes);
  expect(exitCodeOf(report)).toBe(1);
};

/** A folder with messages changed, its proofs left out for those left out, its manifest signed anew. */
const forged = async (
  folder: Folder,
  change: (messages: readonly StoredMessage[]) => readonly StoredMessage[],
  more?: (data: BundleManifestData) => BundleManifestData,
): Promise<Folder> => {
  const before = await messagesIn(folder);
  const after = change(before);
  expect(after).not.toEqual(before);
  const altered = await withMessages(folder, after);
  const proofs = altered.get('proofs.ndjson')?.toString().split('\n').slice(0, -1);
  const kept = proofs?.filter((line) => {
    const { kind, seq } = JSON.parse(line) as { kind: string; seq?: number };
    return kind !== 'inclusion' || after.some((message) => message.seq === seq);
  });
  if (kept !== undefined) altered.set('proofs.ndjson', Buffer.from(kept.map((line) => `${line}\n`).join('')));
  return resigned(altered, thief, more);
};

const without = (seq: number) => (messages: readonly StoredMessage[]) =>
  messages.filter((m) => m.seq !== seq);

test('a manifest by a key that nobody knows is no fault: the bundle proves itself', async () => {
  const report = await verifyFolder(ledger, await resigned(await bundleOf(ledger, { kind: 'full' }), thief));
  expect(report.record.verdict).toBe('SEALED');
  expect(report.bundle?.by).toEqual({ kid: thief.kid, holder: null });
});

test('a decision about the agent left out of its bundle is found by the heads', async () => {
  const folder = await bundleOf(ledger, subject);
  const own = (await messagesIn(folder)).filter((m) => m.subject === `gov.ledger.outcome.${ENV}`).at(-1)!;
  invalid(await verifyFolder(ledger, await forged(folder, without(own.seq))), 'WRIT-VER-225');
});

test('a halt left out of the bundle of an agent is found by the heads', async () => {
  const folder = await bundleOf(ledger, subject);
  const halt = (await messagesIn(folder)).find((m) => Buffer.from(m.bytes).includes('halt-engaged'))!;
  const report = await verifyFolder(ledger, await forged(folder, without(halt.seq)));
  expect(codesOf(report.record.findings)).toContain('WRIT-VER-225');
  expect(exitCodeOf(report)).toBe(1);
});

test.each([
  ['an agent', subject],
  ['a range', range],
  ['a sample', sample],
])('a revocation left out of the bundle of %s is found by the heads', async (_name, query) => {
  const folder = await bundleOf(ledger, query);
  const registry = (await messagesIn(folder)).filter((m) => m.subject === `gov.ledger.registry.${ORG}`);
  const cut = registry.findLast((m) => m.seq < range.from || m.seq > range.to)!;
  const report = await verifyFolder(ledger, await forged(folder, without(cut.seq)));
  expect(codesOf(report.record.findings)).toContain('WRIT-VER-225');
});

test('a message left out of a range, at its end or inside, is found', async () => {
  const folder = await bundleOf(ledger, range);
  for (const seq of [30, 40, 50]) {
    const report = await verifyFolder(ledger, await forged(folder, without(seq)));
    expect(codesOf(report.record.findings)).toContain('WRIT-VER-224');
  }
});

test('a message altered in a part is not in the tree', async () => {
  for (const query of [subject, range, sample]) {
    const folder = await bundleOf(ledger, query);
    const victim = (await messagesIn(folder)).find((m) => m.seq >= 30)!;
    const change = (messages: readonly StoredMessage[]) =>
      messages.map((m) => (m.seq === victim.seq ? { ...m, time: '2026-03-01T10:00:00.001Z' } : m));
    const report = await verifyFolder(ledger, await forged(folder, change));
    expect(codesOf(report.record.findings)).toContain('WRIT-VER-224');
    expect(exitCodeOf(report)).toBe(1);
  }
});

test('a sample that was chosen and not drawn is found', async () => {
  const folder = await bundleOf(ledger, sample);
  const drawn = (await messagesIn(folder)).findLast((m) => m.subject !== `gov.ledger.registry.${ORG}`)!;
  invalid(await verifyFolder(ledger, await forged(folder, without(drawn.seq))), 'WRIT-VER-228');
  const full = await bundleOf(ledger, { ...sample, count: last });
  const asked = await forged(full, without(last - 1), (data) => ({ ...data, query: sample }));
  const report = await verifyFolder(ledger, asked);
  expect(codesOf(report.record.findings)).toContain('WRIT-VER-227');
});

test('the bundle of one agent shown as that of another is found', async () => {
  const folder = await resigned(await bundleOf(ledger, subject), thief, (data) => ({
    ...data,
    query: { kind: 'subject', agent: OTHER },
  }));
  const report = await verifyFolder(ledger, folder);
  expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-225', 'WRIT-VER-227']);
});

test('an agent shown as absent though it is not is found', async () => {
  const absent = await bundleOf(ledger, { kind: 'subject', agent: `${ENV}.refundes` });
  const folder = await resigned(absent, thief, (data) => ({ ...data, query: subject }));
  const report = await verifyFolder(ledger, folder);
  expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-225']);
});

test('a part shown as the whole is found', async () => {
  const folder = await resigned(await bundleOf(ledger, subject), thief, (data) => ({
    ...data,
    bundle: 'full',
    query: { kind: 'full' },
  }));
  const report = await verifyFolder(ledger, folder);
  expect(codesOf(report.record.findings)).toContain('WRIT-VER-101');
  expect(codesOf(report.record.findings)).toContain('WRIT-VER-203');
});

test('a full bundle that was cut, together with its checkpoint, is diverged from one kept outside', async () => {
  const cut = ledger.messages.slice(0, -4);
  const folder = await bundleOf(ledger, { kind: 'full' }, { from: cut });
  const report = await verifyFolder(ledger, folder, { outside: [sealed(ledger)] });
  expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-211']);
  expect(exitCodeOf(report)).toBe(4);
});

test('a part says nothing about an outside checkpoint of another size, and does not pass it over', async () => {
  const folder = await bundleOf(ledger, subject);
  const same = await verifyFolder(ledger, folder, { outside: [sealed(ledger)] });
  expect(same.outside[0]?.standing).toBe('consistent');
  const report = await verifyFolder(ledger, folder, {
    outside: [sealed(ledger, ledger.messages.slice(0, -4))],
  });
  expect(codesOf(report.findings)).toEqual(['WRIT-VER-215']);
  expect(exitCodeOf(report)).toBe(3);
});

test('files that are missing, added, or not those of the manifest are found', async () => {
  const folder = await bundleOf(ledger, { kind: 'full' });
  const missing = new Map(folder);
  missing.delete('README.md');
  invalid(await verifyFolder(ledger, missing), 'WRIT-VER-221');
  invalid(await verifyFolder(ledger, new Map(folder).set('more.txt', Buffer.from('x'))), 'WRIT-VER-221');
  const older = await bundleOf(ledger, { kind: 'full' }, { from: ledger.messages.slice(0, -4) });
  const mixed = new Map(folder).set('messages.ndjson', older.get('messages.ndjson')!);
  const report = await verifyFolder(ledger, mixed);
  expect(codesOf(report.record.findings)).toContain('WRIT-VER-221');
  const none = new Map(folder);
  none.delete('manifest.json');
  invalid(await verifyFolder(ledger, none), 'WRIT-VER-222');
});

test('a manifest that says something else than its files is found', async () => {
  const folder = await bundleOf(ledger, { kind: 'full' });
  expect(manifestIn(folder).data.counts.messages).toBe(last);
  const lies: readonly ((data: BundleManifestData) => BundleManifestData)[] = [
    (data) => ({ ...data, counts: { messages: last + 1 } }),
    (data) => ({ ...data, origin: `${data.origin}x` }),
    (data) => ({ ...data, checkpoint: null }),
    (data) => ({ ...data, query: range }),
  ];
  for (const lie of lies)
    invalid(await verifyFolder(ledger, await resigned(folder, thief, lie)), 'WRIT-VER-223');
});

test('a part is diverged from another signed text for its tree', async () => {
  const heads = `heads ${Buffer.alloc(32, 7).toString('base64')}`;
  const text = textOver(ledger.messages).replace(/heads .*/, heads);
  for (const query of [subject, range, sample]) {
    const folder = await bundleOf(ledger, query);
    const report = await verifyFolder(ledger, folder, { outside: [sealed(ledger, [], { text })] });
    expect(codesOf(report.record.findings)).toEqual(['WRIT-VER-213']);
    expect(exitCodeOf(report)).toBe(4);
  }
});
